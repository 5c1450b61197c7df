package dev.millrace.build;

import dev.millrace.Internal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Which inputs a dataset holds: that of its build, and those that were appended to it since. Kept in {@code dataset_info}:
 *
 * <pre>
 *   fingerprint            of the build; once something was appended, of all inputs in their order
 *   appends                how many were appended; absent without any
 *   append_0_fingerprint   of the build
 *   append_N_fingerprint   of the N-th appended input, from 1
 *   append_N_KEY           what else is known of it: source, source_sha256, appended_at, and counts
 * </pre>
 *
 * Immutable, thread-safe.
 */
@Internal
public final class AppendLog {
    private static final String FINGERPRINT = "fingerprint";
    private static final String COUNT = "appends";
    private static final String SOURCE = "source";

    private final String fingerprint;
    private final List<String> inputs;
    private final List<String> names;

    private AppendLog(String fingerprint, List<String> inputs, List<String> names) {
        this.fingerprint = fingerprint;
        this.inputs = List.copyOf(inputs);
        this.names = List.copyOf(names);
    }

    /** What a file says of its inputs. */
    public static AppendLog of(Map<String, String> info) {
        String fingerprint = info.getOrDefault(FINGERPRINT, "");
        List<String> inputs = new ArrayList<>();
        List<String> names = new ArrayList<>();
        inputs.add(info.getOrDefault(key(0, FINGERPRINT), fingerprint));
        for (int n = 1; info.containsKey(key(n, FINGERPRINT)); n++) {
            inputs.add(Objects.requireNonNull(info.get(key(n, FINGERPRINT))));
            names.add(info.getOrDefault(key(n, SOURCE), "an input"));
        }
        return new AppendLog(fingerprint, inputs, names);
    }

    /** How many inputs were appended. */
    public int count() {
        return inputs.size() - 1;
    }

    /** Whether the file was built from this input, or it was appended already. */
    public boolean holds(String inputFingerprint) {
        return inputs.contains(inputFingerprint);
    }

    /**
     * Why the file is not what a build of one input would give: the names of what was appended.
     *
     * @param otherwise what to say when nothing was
     */
    public String difference(String otherwise) {
        return names.isEmpty()
                ? otherwise
                : "it holds more than this input: "
                        + names.stream().distinct().limit(5).collect(Collectors.joining(", "))
                        + (names.stream().distinct().count() > 5 ? ", …" : "")
                        + " was appended to it; '--append' adds to it";
    }

    /**
     * The fingerprint of the file once one more input is in it, which tells apart also the order of inputs.
     *
     * @param inputFingerprint of the input and the settings
     */
    public String chain(String inputFingerprint) {
        return new Sha256().add(fingerprint + "\n" + inputFingerprint + "\n").hex();
    }

    /**
     * The entries of {@code dataset_info} that say that one more input is in the file.
     *
     * @param source name of the input, without folders
     * @param facts what else is known of it, by key
     */
    public Map<String, String> append(String inputFingerprint, String source, Map<String, String> facts) {
        int n = inputs.size();
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(FINGERPRINT, chain(inputFingerprint));
        entries.put(COUNT, Integer.toString(n));
        entries.put(key(0, FINGERPRINT), inputs.get(0));
        entries.put(key(n, FINGERPRINT), inputFingerprint);
        entries.put(key(n, SOURCE), source);
        entries.put(key(n, "appended_at"), java.time.Instant.now().toString());
        facts.forEach((key, value) -> entries.put(key(n, key), value));
        return entries;
    }

    private static String key(int n, String key) {
        return "append_" + n + "_" + key;
    }
}
