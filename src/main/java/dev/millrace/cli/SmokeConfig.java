package dev.millrace.cli;

import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code millrace smoke} tries: a list of domains, each with how its data are made and how it is trained. Immutable.
 *
 * @param maxSteps optimizer steps of each training
 * @param minLoaderRatio how many times faster than record by record a loader must be; 0 asks for nothing
 * @param loaderSeconds how long each loader is measured
 */
record SmokeConfig(
        @Fallback("20") @Between(min = 2, max = 1_000_000) int maxSteps,
        @Fallback("1") @Between(min = 0, max = 1e12) double minLoaderRatio,

        @Fallback("1") @Between(min = 0, max = 600, openMin = true)
        double loaderSeconds,

        List<Domain> domains) {

    /** Stands for the folder of a domain in its commands and overrides. */
    static final String FOLDER = "{dir}";

    /** Stands for the run folder of a domain. */
    static final String RUN = "{run}";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    /**
     * One entry. It trains by {@code config}, or writes and reads back {@code kvEntries}.
     *
     * @param prepare commands of Millrace before, words between blanks; none where the data are there already
     * @param config of {@code millrace train}, found beside the file that names it
     * @param set overrides of {@code config}, as {@code --set}
     * @param maxLoss bound of the loss at the end; without one it must be below that of the start
     * @param check commands of Millrace afterwards, each of which must succeed
     */
    record Domain(
            String name,
            @Nullable List<String> prepare,
            @Nullable Path config,
            @Nullable List<String> set,
            @Nullable @Between(min = 2, max = 1_000_000) Integer maxSteps,
            @Nullable Double maxLoss,
            @Nullable @Between(min = 0, max = 1e12) Double minLoaderRatio,
            @Nullable @Between(min = 1, max = 10_000_000) Integer kvEntries,
            @Nullable List<String> check) {

        private Domain withoutFloor() {
            return new Domain(name, prepare, config, set, maxSteps, maxLoss, null, kvEntries, check);
        }

        private void check(ConfigBinder binder, String key) {
            if (!NAME.matcher(name).matches()) {
                binder.fault(
                        key + ".name", "must be a name of letters, digits, '.', '_' and '-', found '" + name + "'");
            }
            if (config == null && kvEntries == null) {
                binder.fault(key + ".config", "is missing, and kv_entries too: one of them says what to try");
            }
            if (config != null && kvEntries != null) {
                binder.fault(key + ".kv_entries", "and config cannot both be there; make two entries of them");
            }
            if (config == null && (set != null || maxSteps != null || maxLoss != null)) {
                binder.fault(key, "has set, max_steps or max_loss, which without config have no effect");
            }
        }
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException naming every fault
     * @throws UsageException if there is no such file
     */
    static SmokeConfig load(Path file) {
        ConfigBinder binder = new ConfigBinder(file.toString(), Map.of());
        SmokeConfig config = binder.bind(SmokeConfig.class, ConfigTree.read(file, List.of()));
        if (config != null) {
            config.check(binder);
        }
        binder.check();
        if (config == null) {
            throw new IllegalStateException("A configuration without faults was not bound: " + file);
        }
        return config;
    }

    /** This with one floor for all loaders. */
    SmokeConfig requiring(double ratio) {
        return new SmokeConfig(
                maxSteps,
                ratio,
                loaderSeconds,
                domains.stream().map(Domain::withoutFloor).toList());
    }

    /** What the loader of a domain must reach. */
    double floor(Domain domain) {
        return domain.minLoaderRatio == null ? minLoaderRatio : domain.minLoaderRatio;
    }

    /** Steps that a domain trains. */
    int steps(Domain domain) {
        return domain.maxSteps == null ? maxSteps : domain.maxSteps;
    }

    private void check(ConfigBinder binder) {
        if (domains.isEmpty()) {
            binder.fault("domains", "must name at least one");
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < domains.size(); i++) {
            String key = "domains[" + i + "]";
            domains.get(i).check(binder, key);
            if (!names.add(domains.get(i).name)) {
                binder.fault(key + ".name", "is there twice: '" + domains.get(i).name + "'");
            }
        }
    }
}
