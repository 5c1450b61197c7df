package dev.millrace.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/** Reads YAML into {@link ConfigNode}s that know their line, and puts {@code key=value} overrides over them. */
final class ConfigTree {
    private static final int LARGEST_FILE_BYTES = 1 << 20;
    private static final int DEEPEST = 16;

    private final String source;
    private final List<String> faults = new ArrayList<>();

    private ConfigTree(String source) {
        this.source = source;
    }

    /**
     * Reads a file and applies overrides, the later over the earlier.
     *
     * @throws UsageException if there is no such file
     * @throws ConfigException if it is no YAML, or repeats a key
     */
    static ConfigNode read(Path file, List<String> overrides) {
        String text;
        try {
            if (!Files.isRegularFile(file)) {
                throw new UsageException("No such configuration file: " + file);
            }
            if (Files.size(file) > LARGEST_FILE_BYTES) {
                throw new UsageException("Expected a configuration of at most " + LARGEST_FILE_BYTES + " bytes, found "
                        + Files.size(file) + " (" + file + ").");
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UsageException("Cannot read " + file + " as UTF-8 text: " + e);
        }
        ConfigTree tree = new ConfigTree(file.toString());
        ConfigNode root = tree.parseWithin(text, null);
        if (root.members() == null) {
            tree.faults.add(root.where() + ": expected sections, found " + root.describe());
        }
        for (String override : overrides) {
            root = tree.override(root, override);
        }
        tree.check();
        return root;
    }

    /**
     * Reads text.
     *
     * @param source named in errors
     * @throws ConfigException if it is no YAML, or repeats a key
     */
    static ConfigNode parse(String source, String text) {
        ConfigTree tree = new ConfigTree(source);
        ConfigNode root = tree.parseWithin(text, null);
        tree.check();
        return root;
    }

    private void check() {
        if (!faults.isEmpty()) {
            throw new ConfigException(source, faults);
        }
    }

    private ConfigNode parseWithin(String text, @Nullable String where) {
        try (YAMLParser parser = (YAMLParser) YAMLMapper.shared().createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return new ConfigNode(null, "line 1");
            }
            ConfigNode root = node(parser, where, 0);
            if (parser.nextToken() != null) {
                faults.add(place(parser, where) + ": expected one YAML document, found another");
            }
            return root;
        } catch (JacksonException e) {
            String line = e.getLocation() == null
                    ? "line ?"
                    : "line " + e.getLocation().getLineNr();
            // What was being read, what was found there, and then a copy of the place.
            String reason = e.getOriginalMessage()
                    .lines()
                    .filter(said -> !said.startsWith(" "))
                    .limit(2)
                    .collect(Collectors.joining(", "));
            throw new ConfigException(source, List.of((where == null ? line : where) + ": no valid YAML: " + reason));
        }
    }

    private ConfigNode node(YAMLParser parser, @Nullable String where, int depth) {
        String place = place(parser, where);
        if (depth > DEEPEST) {
            throw new ConfigException(source, List.of(place + ": nested deeper than " + DEEPEST));
        }
        if (parser.isCurrentAlias()) {
            faults.add(place + ": expected a value, found the alias *" + parser.getString() + "; write it out");
            return new ConfigNode(null, place);
        }
        Object value = switch (parser.currentToken()) {
            case START_OBJECT -> section(parser, where, depth);
            case START_ARRAY -> list(parser, where, depth);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            default -> parser.getString();
        };
        return new ConfigNode(value, place);
    }

    private static Object integer(JsonParser parser) {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? (Object) parser.getDoubleValue()
                : (Object) parser.getLongValue();
    }

    private Map<String, ConfigNode> section(YAMLParser parser, @Nullable String where, int depth) {
        Map<String, ConfigNode> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            String place = place(parser, where);
            parser.nextToken();
            ConfigNode member = node(parser, where, depth + 1);
            ConfigNode earlier = members.putIfAbsent(key, new ConfigNode(member.value(), place));
            if (earlier != null) {
                faults.add(place + ": '" + key + "' is given twice, first at " + earlier.where());
            }
        }
        return members;
    }

    private List<ConfigNode> list(YAMLParser parser, @Nullable String where, int depth) {
        List<ConfigNode> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(parser, where, depth + 1));
        }
        return items;
    }

    private static String place(YAMLParser parser, @Nullable String where) {
        return where == null ? "line " + parser.currentTokenLocation().getLineNr() : where;
    }

    private ConfigNode override(ConfigNode root, String override) {
        int equals = override.indexOf('=');
        String path = equals < 0 ? override : override.substring(0, equals).strip();
        String where = "--set " + path;
        if (equals < 0 || !path.matches("[^.\\s]+(\\.[^.\\s]+)*")) {
            faults.add("--set: expected key=value with a dotted key, found '" + override + "'");
            return root;
        }
        String text = override.substring(equals + 1);
        // An empty text is the empty string, as in a shell, and not YAML's null.
        ConfigNode value = text.isBlank() ? new ConfigNode("", where) : parseWithin(text, where);
        return with(root, List.of(path.split("\\.")), value);
    }

    private static ConfigNode with(ConfigNode node, List<String> path, ConfigNode value) {
        if (path.isEmpty()) {
            return value;
        }
        Map<String, ConfigNode> members = node.members();
        Map<String, ConfigNode> changed = members == null ? new LinkedHashMap<>() : new LinkedHashMap<>(members);
        String key = path.get(0);
        ConfigNode old = changed.getOrDefault(key, new ConfigNode(new LinkedHashMap<>(), value.where()));
        changed.put(key, with(old, path.subList(1, path.size()), value));
        return new ConfigNode(changed, node.where());
    }
}
