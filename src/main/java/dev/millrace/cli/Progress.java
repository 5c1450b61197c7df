package dev.millrace.cli;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * How far long work has come. On a terminal one line that is rewritten: bar, count, rate, remaining time. Elsewhere a plain
 * line every ten seconds. Thread-safe; who starts it closes it.
 */
final class Progress implements AutoCloseable {
    /** How to show it. */
    enum Style {
        NONE,
        BAR,
        LINES;

        /** A bar if the launcher saw a terminal on standard error. */
        static Style detect() {
            return System.getenv("MILLRACE_TERMINAL") == null ? LINES : BAR;
        }
    }

    private static final int BAR_WIDTH = 24;
    private static final long BAR_INTERVAL_NANOS = 100_000_000L;
    private static final long LINE_INTERVAL_NANOS = 10_000_000_000L;

    private final String label;
    private final Style style;
    private final PrintWriter error;
    private final long startNanos;
    private long shownNanos;
    private long total;
    private long done;
    private int shownWidth;

    private Progress(String label, long total, Style style, PrintWriter error) {
        this.label = label;
        this.total = total;
        this.style = style;
        this.error = error;
        this.startNanos = System.nanoTime();
        this.shownNanos = startNanos;
    }

    /** Starts the clock; {@code total} is negative when unknown. */
    static Progress start(String label, long total, Style style, PrintWriter error) {
        return new Progress(label, total, style, error);
    }

    /** As {@link #at(long)}, with a better estimate of the total. */
    synchronized void at(long nowDone, long newTotal) {
        total = newTotal;
        at(nowDone);
    }

    /** Tells how many of the items are done. Cheap: shows something only now and then. */
    synchronized void at(long nowDone) {
        done = nowDone;
        long now = System.nanoTime();
        long interval = style == Style.BAR ? BAR_INTERVAL_NANOS : LINE_INTERVAL_NANOS;
        if (style != Style.NONE && now - shownNanos >= interval) {
            shownNanos = now;
            show();
        }
    }

    /** Tells that {@code count} more are done. */
    synchronized void add(long count) {
        at(done + count);
    }

    /** Ends without a last line: on a terminal the bar goes away. */
    synchronized void end() {
        if (style == Style.BAR) {
            error.print('\r' + " ".repeat(shownWidth) + '\r');
            error.flush();
        }
    }

    /** Shows the final count. */
    @Override
    public synchronized void close() {
        if (style != Style.NONE && done > 0) {
            show();
            if (style == Style.BAR) {
                error.println();
            }
        }
        error.flush();
    }

    private void show() {
        String line = line(label, done, total, (System.nanoTime() - startNanos) / 1e9, style == Style.BAR);
        if (style == Style.LINES) {
            error.println(line);
        } else {
            // Overwrites what a longer line left behind.
            error.print('\r' + line + " ".repeat(Math.max(0, shownWidth - line.length())));
            shownWidth = line.length();
        }
        error.flush();
    }

    static String line(String label, long done, long total, double seconds, boolean bar) {
        double rate = done / Math.max(seconds, 1e-3);
        String count = total < 0
                ? String.format(Locale.ROOT, "%,d", done)
                : String.format(Locale.ROOT, "%,d/%,d", done, total);
        String speed = String.format(Locale.ROOT, rate < 10 ? "%.1f/s" : "%,.0f/s", rate);
        if (total < 0) {
            return label + ": " + count + " (" + speed + ")";
        }
        int percent = total == 0 ? 100 : (int) Math.min(100, 100 * done / total);
        int filled = BAR_WIDTH * percent / 100;
        String picture = bar ? " [" + "#".repeat(filled) + ".".repeat(BAR_WIDTH - filled) + "]" : "";
        String rest = done >= total || rate <= 0 ? "" : ", " + duration((total - done) / rate) + " left";
        return label + ":" + picture + " " + percent + "% " + count + " (" + speed + rest + ")";
    }

    static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d min", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d h", whole / 3600, whole / 60 % 60);
    }
}
