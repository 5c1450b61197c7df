package dev.millrace.cli;

import java.util.List;

/** A configuration cannot be used. Carries every fault found, not only the first. */
final class ConfigException extends RuntimeException {
    private final List<String> faults;

    ConfigException(String source, List<String> faults) {
        super((faults.size() == 1 ? "1 problem" : faults.size() + " problems") + " in " + source + ": "
                + String.join("; ", faults) + ".");
        this.faults = List.copyOf(faults);
    }

    /** One sentence per fault, each with its line. */
    List<String> faults() {
        return faults;
    }
}
