package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void line_halfDone_showsCountRateAndRemainingTime() {
        assertThat(Progress.line("building", 5_000, 10_000, 10, false))
                .isEqualTo("building: 50% 5,000/10,000 (500/s, 10 s left)");
    }

    @Test
    void line_onTerminal_hasABar() {
        assertThat(Progress.line("building", 1, 2, 1, true)).contains("[############............]");
    }

    @Test
    void line_totalUnknown_showsCountAndRate() {
        assertThat(Progress.line("reading", 12, -1, 6, true)).isEqualTo("reading: 12 (2.0/s)");
    }

    @Test
    void progress_quiet_printsNothing() {
        StringWriter text = new StringWriter();
        try (Progress progress = Progress.start("x", 2, Progress.Style.NONE, new PrintWriter(text))) {
            progress.add(2);
        }
        assertThat(text.toString()).isEmpty();
    }

    @Test
    void progress_inContinuousIntegration_closesWithOnePlainLine() {
        StringWriter text = new StringWriter();
        try (Progress progress = Progress.start("x", 2, Progress.Style.LINES, new PrintWriter(text))) {
            progress.add(1);
            progress.add(1);
        }
        assertThat(text.toString().lines()).singleElement().asString().startsWith("x: 100% 2/2");
    }

    @Test
    void duration_hours_areNamed() {
        assertThat(List.of(Progress.duration(59), Progress.duration(61), Progress.duration(7260)))
                .containsExactly("59 s", "1:01 min", "2:01 h");
    }

    @Test
    void table_numbers_areSetToTheRight() {
        assertThat(new TextTable(List.of("name", "rows"), List.of(List.of("a", "5"), List.of("bcdef", "1000"))).lines())
                .containsExactly("name   rows", "a         5", "bcdef  1000");
    }
}
