package dev.millrace.training;

import java.util.List;

/** The settings of a run do not fit together. All faults are named at once. */
public final class InvalidPlanException extends IllegalArgumentException {
    private final transient List<String> faults;

    InvalidPlanException(List<String> faults) {
        super(faults.size() + (faults.size() == 1 ? " problem" : " problems") + " in the training plan: "
                + String.join("; ", faults) + ".");
        this.faults = List.copyOf(faults);
    }

    /** One sentence for each fault, without a full stop. */
    public List<String> faults() {
        return faults;
    }
}
