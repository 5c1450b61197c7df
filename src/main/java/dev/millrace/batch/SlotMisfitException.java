package dev.millrace.batch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A value does not fit its slot. Whoever knows which row it is of names that. */
final class SlotMisfitException extends IllegalArgumentException {
    private final String reason;
    private final @Nullable String column;

    SlotMisfitException(String reason) {
        this(reason, null);
    }

    private SlotMisfitException(String reason, @Nullable String column) {
        super(reason);
        this.reason = reason;
        this.column = column;
    }

    /** The same of one of the slot's columns. */
    SlotMisfitException in(String name) {
        return new SlotMisfitException(reason, name);
    }

    /** The column, or those of the slot if it is not known which. */
    String columnAmong(List<String> columns) {
        return column != null ? column : String.join(", ", columns);
    }

    /** What was expected and what was found. */
    String reason() {
        return reason;
    }
}
