package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.cli.ConfigBinder.Inline;
import dev.millrace.docs.Page;
import dev.millrace.training.DeviceChoice;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables of keys in docs/training.md say what the configuration's records do: which keys, which values, which defaults. */
class ConfigurationKeysTest {
    private static final Page PAGE = Page.of("docs/training.md");
    private static final String EVERY_TASK = "Every task";
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`|]+)` \\| ([^|]*) \\| ([^|]*) \\| ([^|]+) \\|$");

    /** What a row says beside the meaning of its key. */
    private record Key(String values, String ifLeftOut) {
        @Override
        public String toString() {
            return "| " + values + " | " + ifLeftOut + " |";
        }
    }

    @Test
    void tables_ofTheTrainingGuide_areTheKeysOfTheConfiguration() {
        Map<String, Map<String, Key>> expected = new LinkedHashMap<>();
        collect(TrainConfig.class, "Top level", expected);

        for (Map.Entry<String, Map<String, Key>> section : expected.entrySet()) {
            assertThat(rows(section.getKey()))
                    .as("keys below the heading " + section.getKey())
                    .containsExactlyInAnyOrderEntriesOf(section.getValue());
        }
    }

    @Test
    void headings_ofTheTables_areTheSectionsOfTheConfiguration() {
        Map<String, Map<String, Key>> expected = new LinkedHashMap<>();
        collect(TrainConfig.class, "Top level", expected);

        List<String> headings = PAGE.headings().stream()
                .filter(heading -> heading.level() == 3
                        && (heading.text().startsWith("`") || heading.text().equals(EVERY_TASK)))
                .map(Page.Heading::text)
                .toList();
        assertThat(headings)
                .containsExactlyInAnyOrderElementsOf(expected.keySet().stream()
                        .filter(name -> !name.equals("Top level"))
                        .toList());
    }

    @Test
    void example_ofTheTrainingGuide_isAConfiguration(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("example.yaml"), PAGE.blocks("yaml").get(0).text());

        assertThat(TrainConfig.load(file, List.of()).warnings()).isEmpty();
    }

    @Test
    void ignoredKeys_ofTheOriginals_areAllTold() {
        String section = PAGE.section(3, "Keys without effect");
        List<String> missing = new ArrayList<>();
        IgnoredKeys.all().keySet().stream()
                .map(key -> Arrays.stream(TrainConfig.Task.values()).anyMatch(task -> key.startsWith(task.key() + "."))
                                && !key.startsWith("genome.")
                        ? key.substring(key.indexOf('.') + 1)
                        : key)
                .filter(key -> !section.contains("`" + key + "`")
                        && !section.contains("`" + key.replaceFirst("^genome\\.", "") + "`"))
                .forEach(missing::add);

        assertThat(missing).isEmpty();
    }

    private static Map<String, Key> rows(String heading) {
        Map<String, Key> rows = new LinkedHashMap<>();
        Matcher matcher = ROW.matcher(PAGE.section(3, heading));
        while (matcher.find()) {
            rows.put(
                    matcher.group(1),
                    new Key(matcher.group(2).strip(), matcher.group(3).strip()));
        }
        return rows;
    }

    /** The keys of a record below the heading that tells of them; sections in it have headings of their own. */
    private static void collect(Class<?> type, String heading, Map<String, Map<String, Key>> sections) {
        Map<String, Key> keys = sections.computeIfAbsent(heading, name -> new LinkedHashMap<>());
        for (RecordComponent component : type.getRecordComponents()) {
            String key = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);
            if (component.getType() == TrainConfig.Loop.class) {
                collect(component.getType(), EVERY_TASK, sections);
            } else if (component.isAnnotationPresent(Inline.class)) {
                collect(component.getType(), heading, sections);
            } else if (component.getType().isRecord() && component.getType() != DeviceChoice.class) {
                collect(component.getType(), "`" + path(heading, key) + "`", sections);
            } else {
                keys.put(key, new Key(values(component), ifLeftOut(component)));
            }
        }
    }

    private static String path(String heading, String key) {
        return heading.startsWith("`") ? heading.replace("`", "") + "." + key : key;
    }

    private static String ifLeftOut(RecordComponent component) {
        Fallback fallback = component.getAnnotation(Fallback.class);
        if (fallback != null) {
            return "`" + fallback.value() + "`";
        }
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class) ? "–" : "required";
    }

    private static String values(RecordComponent component) {
        if (component.getType() == List.class) {
            Class<?> item = (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
            return "list: " + values(item, component.getAnnotation(Between.class));
        }
        return values(component.getType(), component.getAnnotation(Between.class));
    }

    private static String values(Class<?> type, @Nullable Between between) {
        if (type == DeviceChoice.class) {
            return "auto, cpu, gpu, gpu:N";
        } else if (type == boolean.class) {
            return "true, false";
        } else if (type == Path.class) {
            return "path";
        } else if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(ConfigBinder::nameOf)
                    .collect(Collectors.joining(", "));
        } else if (type == String.class) {
            return "text";
        } else if (type.isRecord()) {
            return type.getSimpleName().toLowerCase(java.util.Locale.ROOT);
        }
        boolean real = type == double.class || type == Double.class;
        String kind = real ? "number" : "whole number";
        return between == null
                ? kind
                : kind + " " + (between.openMin() ? "above " : "") + number(between.min())
                        + (between.openMin() ? ", at most " : " … ") + number(between.max());
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
