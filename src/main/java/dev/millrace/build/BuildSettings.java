package dev.millrace.build;

import dev.millrace.Internal;
import java.util.Map;
import java.util.TreeMap;

/** Everything beside the inputs that decides what is built, as keys and values of {@code dataset_info}. */
@Internal
public final class BuildSettings {
    private BuildSettings() {}

    /** One hash of the inputs and the settings: the same hash, the same rows. */
    public static String fingerprint(String inputs, Map<String, String> settings) {
        Sha256 hash = new Sha256().add(inputs);
        new TreeMap<>(settings).forEach((key, value) -> hash.add(key + "=" + value + "\n"));
        return hash.hex();
    }

    /**
     * In words, which settings differ.
     *
     * @param found what a file says of itself; it may say more
     * @param expected settings of this build
     * @param otherwise what to say when no setting differs, so that the inputs must
     */
    public static String difference(Map<String, String> found, Map<String, String> expected, String otherwise) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(expected).forEach((key, value) -> {
            String other = found.get(key);
            if (!value.equals(other)) {
                text.append(text.isEmpty() ? "" : "; ")
                        .append("expected ")
                        .append(key)
                        .append(' ')
                        .append(value)
                        .append(", found ")
                        .append(other == null ? "none" : other);
            }
        });
        return text.isEmpty() ? otherwise : text.toString();
    }
}
