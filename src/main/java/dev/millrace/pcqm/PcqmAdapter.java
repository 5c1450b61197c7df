package dev.millrace.pcqm;

import dev.millrace.molecule.FeatureColumns;
import java.util.Arrays;
import java.util.Locale;

/** How the stored features of a molecule become a model's input; part of the name of its feature specification. */
public enum PcqmAdapter {
    /** As the feature specification says: codes int64 for embeddings, or float32. */
    NATIVE,
    /**
     * The codes as float32, zeros after them up to 48 and 6 columns, what is beyond cut off; zeros for missing bond features.
     * The source document's way; its columns are not those of {@code bitspec-48-6}.
     */
    PAD;

    /**
     * Reads a name, {@code native} or {@code pad}.
     *
     * @throws IllegalArgumentException naming both
     */
    public static PcqmAdapter parse(String name) {
        for (PcqmAdapter adapter : values()) {
            if (adapter.id().equals(name.strip().toLowerCase(Locale.ROOT))) {
                return adapter;
            }
        }
        throw new IllegalArgumentException("Unknown adapter: expected one of "
                + Arrays.stream(values()).map(PcqmAdapter::id).toList() + ", found '" + name + "'.");
    }

    /** Name in files and configurations. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What a model gets of features stored so. */
    public FeatureColumns apply(FeatureColumns stored) {
        return this == PAD ? stored.padded() : stored;
    }
}
