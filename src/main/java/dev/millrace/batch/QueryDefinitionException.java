package dev.millrace.batch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A user's queries and slots do not fit each other or the data. The message lists every fault found. */
public final class QueryDefinitionException extends RuntimeException {
    private final List<String> faults;

    QueryDefinitionException(QueryDefinition definition, List<String> faults) {
        this(definition, faults, null);
    }

    QueryDefinitionException(QueryDefinition definition, List<String> faults, @Nullable Throwable cause) {
        super(
                (faults.size() == 1 ? "1 problem" : faults.size() + " problems") + " with the dataset over "
                        + definition.database() + ": " + String.join("; ", faults) + ".",
                cause);
        this.faults = List.copyOf(faults);
    }

    /** What is wrong, one sentence each. */
    public List<String> faults() {
        return faults;
    }
}
