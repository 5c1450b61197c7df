package dev.millrace.cli;

import dev.millrace.build.BuildProgress;
import org.jspecify.annotations.Nullable;

/** Shows the phases of a build one after another. One thread at a time; who makes it closes it. */
final class PhaseProgress implements BuildProgress, AutoCloseable {
    private final Console console;
    private String phase = "";
    private @Nullable Progress shown;

    PhaseProgress(Console console) {
        this.console = console;
    }

    @Override
    public void at(State state) {
        Progress current = shown;
        if (current == null || !state.phase().equals(phase)) {
            close();
            phase = state.phase();
            current = console.progress(phase, state.estimatedTotal());
            shown = current;
        }
        current.at(state.done(), state.estimatedTotal());
        if (state.finished()) {
            close();
        }
    }

    @Override
    public void close() {
        if (shown != null) {
            shown.close();
            shown = null;
        }
    }
}
