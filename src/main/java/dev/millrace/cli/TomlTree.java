package dev.millrace.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * Reads TOML into {@link ConfigNode}s. The parser tells no lines of what it read, so they are looked up in the text: exact for keys
 * that begin a line, which is how TOML is written; those of inline tables get the line of the table.
 */
final class TomlTree {
    private static final String LIBRARY = "tools.jackson.dataformat:jackson-dataformat-toml:3.2.0";
    private static final int LARGEST_FILE_BYTES = 1 << 20;
    private static final Pattern SECTION = Pattern.compile("\\s*\\[\\[?\\s*([^\\[\\]]+?)\\s*\\]\\]?\\s*(#.*)?");
    private static final Pattern KEY = Pattern.compile("\\s*([A-Za-z0-9_.\"'\\-]+)\\s*=.*");

    private final Map<String, String> places;

    private TomlTree(String text) {
        this.places = places(text);
    }

    /**
     * Reads a file.
     *
     * @throws UsageException if there is no such file
     * @throws ConfigException if it is no TOML
     */
    static ConfigNode read(Path file) {
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
        return parse(file.toString(), text);
    }

    /** @param source named in errors */
    static ConfigNode parse(String source, String text) {
        Map<?, ?> root;
        try {
            root = TomlMapper.shared().readValue(text, LinkedHashMap.class);
        } catch (JacksonException e) {
            String line = e.getLocation() == null || e.getLocation().getLineNr() < 1
                    ? ""
                    : "line " + e.getLocation().getLineNr() + ": ";
            String reason = e.getOriginalMessage().lines().findFirst().orElse("malformed");
            throw new ConfigException(source, List.of(line + "no valid TOML: " + reason));
        } catch (NoClassDefFoundError e) {
            throw new UsageException("Cannot read " + source + ": TOML needs the optional library " + LIBRARY
                    + ", which is not on the class path. Add it to your dependencies, or write YAML.");
        }
        return new TomlTree(text).node(root, "", "line 1");
    }

    private ConfigNode node(@Nullable Object value, String path, String parentPlace) {
        String place = places.getOrDefault(path, parentPlace);
        if (value instanceof Map<?, ?> map) {
            Map<String, ConfigNode> members = new LinkedHashMap<>();
            map.forEach((key, member) -> members.put(
                    String.valueOf(key), node(member, path.isEmpty() ? String.valueOf(key) : path + "." + key, place)));
            return new ConfigNode(members, place);
        }
        if (value instanceof List<?> list) {
            List<ConfigNode> items = new ArrayList<>();
            list.forEach(item -> items.add(node(item, path + "[]", place)));
            return new ConfigNode(items, place);
        }
        if (value instanceof Integer || value instanceof java.math.BigInteger) {
            return new ConfigNode(((Number) value).longValue(), place);
        }
        if (value instanceof Number number) {
            return new ConfigNode(number.doubleValue(), place);
        }
        return new ConfigNode(value instanceof Boolean || value == null ? value : value.toString(), place);
    }

    private static Map<String, String> places(String text) {
        Map<String, String> places = new HashMap<>();
        String section = "";
        int number = 0;
        for (String line : text.split("\\R", -1)) {
            number++;
            Matcher header = SECTION.matcher(line);
            Matcher key = KEY.matcher(line);
            if (header.matches()) {
                section = header.group(1).replaceAll("[\\s\"']", "");
                places.putIfAbsent(section, "line " + number);
            } else if (key.matches()) {
                String name = key.group(1).replaceAll("[\"']", "");
                places.putIfAbsent(section.isEmpty() ? name : section + "." + name, "line " + number);
            }
        }
        return places;
    }
}
