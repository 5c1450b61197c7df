package dev.millrace.cli;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.exafs.NumberRanges;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The part of a configuration file of MD-EXAFS that is about averaging, with its names and rules. Immutable.
 *
 * @param averaging the section of that name
 */
record AveragingConfig(Averaging averaging) {
    /** Sections of the original about other work; with the names that its programs give them. */
    private static final Map<String, String> IGNORED =
            List.of("system", "lattice", "atoms", "processing", "feff").stream()
                    .collect(Collectors.toMap(
                            name -> name, name -> "it is for making FEFF's input, which Millrace does not do"));

    /**
     * @param frameRange first frame, and the one behind the last
     * @param paths numbers of paths, as {@link CriteriaText} reads them
     */
    record Averaging(
            Path inputDirectory,
            List<Integer> frameRange,
            Path outputFile,
            @Nullable String paths,
            @Nullable Multipath multipath,
            @Nullable Database database) {}

    /** Which types of paths, and up to which length. */
    record Multipath(
            @Nullable List<String> paths,

            @Nullable @Between(min = 0, max = 1e6, openMin = true)
            List<Double> maxDistance,

            @Nullable @Between(min = 0, max = 1e6) List<Double> minDistance,
            @Nullable @Between(min = 1, max = 1024) Integer numProcesses) {}

    /** A database in place of the files. */
    record Database(
            @Nullable Path path,
            @Fallback("false") boolean build,
            @Fallback("true") boolean useDatabase,
            @Fallback("false") boolean rebuild) {}

    /**
     * Reads a file.
     *
     * @param warn is told what has no effect
     * @throws ConfigException naming all faults
     */
    static AveragingConfig read(Path file, java.util.function.Consumer<String> warn) {
        ConfigBinder binder = new ConfigBinder(file.toString(), IGNORED);
        ConfigNode root = TomlTree.read(file);
        AveragingConfig config = binder.bind(AveragingConfig.class, asBound(root));
        checkFrames(binder, root);
        if (config != null) {
            config.check(binder);
        }
        binder.check();
        binder.warnings().forEach(warn);
        return java.util.Objects.requireNonNull(config);
    }

    /** What the original writes in two ways, in one: {@code database = "file"} as a section, {@code paths = [1, 3]} as a text. */
    private static ConfigNode asBound(ConfigNode root) {
        Map<String, ConfigNode> members = root.members();
        ConfigNode averaging = members == null ? null : members.get("averaging");
        Map<String, ConfigNode> section = averaging == null ? null : averaging.members();
        if (averaging == null || section == null) {
            return root;
        }
        Map<String, ConfigNode> changed = new LinkedHashMap<>(section);
        changed.computeIfPresent(
                "database",
                (key, node) -> node.value() instanceof String
                        ? new ConfigNode(new LinkedHashMap<>(Map.of("path", node)), node.where())
                        : node);
        changed.computeIfPresent(
                "paths",
                (key, node) -> node.value() instanceof List<?> list
                        ? new ConfigNode(
                                list.isEmpty()
                                        ? "[]"
                                        : list.stream()
                                                .map(item -> String.valueOf(((ConfigNode) item).value()))
                                                .collect(Collectors.joining(",")),
                                node.where())
                        : node);
        Map<String, ConfigNode> all = new LinkedHashMap<>(members);
        all.put("averaging", new ConfigNode(changed, averaging.where()));
        return new ConfigNode(all, root.where());
    }

    /** Also where something else is wrong, so that all faults are told at once. */
    private static void checkFrames(ConfigBinder binder, ConfigNode root) {
        Map<String, ConfigNode> members = root.members();
        ConfigNode averaging = members == null ? null : members.get("averaging");
        Map<String, ConfigNode> section = averaging == null ? null : averaging.members();
        ConfigNode range = section == null ? null : section.get("frame_range");
        if (range == null || !(range.value() instanceof List<?> ends)) {
            return;
        }
        if (ends.size() != 2) {
            binder.fault("averaging.frame_range", "must be [start, end], found " + ends.size() + " values");
        } else if (((ConfigNode) ends.get(0)).value() instanceof Long start
                && ((ConfigNode) ends.get(1)).value() instanceof Long end
                && start >= end) {
            binder.fault("averaging.frame_range", "must rise from start to end, found [" + start + ", " + end + "]");
        }
    }

    private void check(ConfigBinder binder) {
        Multipath multipath = averaging.multipath();
        if (multipath != null && averaging.paths() != null) {
            binder.fault(
                    "averaging.paths", "must not stand beside averaging.multipath: give numbers or types of paths");
        }
        String numbers = averaging.paths();
        if (numbers != null) {
            try {
                Inputs.checked(() -> NumberRanges.parse("averaging.paths", numbers));
            } catch (UsageException e) {
                binder.fault(
                        "averaging.paths",
                        "must be numbers of paths, as [1, 3, 5] or \"[1,8]\" for a range, found '" + averaging.paths()
                                + "'");
            }
        }
        Database database = averaging.database();
        if (database != null && database.path() == null && (database.build() || database.rebuild())) {
            binder.fault("averaging.database.path", "is missing, and the database shall be built");
        }
        if (database != null && database.rebuild() && !database.useDatabase() && !database.build()) {
            binder.fault("averaging.database.rebuild", "must not be true where build and use_database are false");
        }
    }

    /** What it selects, as {@link CriteriaText} reads it. */
    Map<String, String> criteria() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put(CriteriaText.START, String.valueOf(averaging.frameRange().get(0)));
        texts.put(CriteriaText.END, String.valueOf(averaging.frameRange().get(1)));
        if (averaging.paths() != null) {
            texts.put(CriteriaText.NUMBERS, averaging.paths());
        }
        Multipath multipath = averaging.multipath();
        if (multipath != null) {
            put(texts, CriteriaText.PATHS, multipath.paths());
            put(texts, CriteriaText.MAX_DISTANCE, multipath.maxDistance());
            put(texts, CriteriaText.MIN_DISTANCE, multipath.minDistance());
        }
        return texts;
    }

    private static void put(Map<String, String> texts, String key, @Nullable List<?> values) {
        if (values != null) {
            texts.put(key, values.stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
    }
}
