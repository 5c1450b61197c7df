package dev.millrace.chart;

import dev.millrace.chart.Ruler.Tick;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Ticks on axes of time: at whole seconds, minutes, hours and days. */
final class TimeTicks {
    private static final double MINUTE = 60;
    private static final double HOUR = 3_600;
    private static final double DAY = 86_400;
    private static final double[] STEPS = {
        1,
        2,
        5,
        10,
        15,
        30,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        30 * DAY,
        90 * DAY,
        365 * DAY
    };
    private static final DateTimeFormatter SECONDS = format("HH:mm:ss");
    private static final DateTimeFormatter MINUTES = format("HH:mm");
    private static final DateTimeFormatter DAYS = format("MMM d");
    private static final DateTimeFormatter YEARS = format("uuuu-MM-dd");
    /** Instants beyond it have years that no calendar needs. */
    private static final double LATEST_SECOND = 253_402_300_799.0;

    private TimeTicks() {}

    /** Seconds since some start: {@code 30 s}, {@code 5 min}, {@code 1 h 30 min}. */
    static List<Tick> durations(double low, double high, int wanted) {
        double step = step(high - low, wanted);
        List<Tick> ticks = new ArrayList<>();
        for (double at : places(low, high, step)) {
            ticks.add(new Tick(at, duration(at, step)));
        }
        return ticks;
    }

    /** UTC milliseconds: a time of day; the day at midnight, and alone where steps are days. */
    static List<Tick> clock(double low, double high, int wanted) {
        if (low < 0 || high / 1_000 > LATEST_SECOND) {
            return List.of();
        }
        double step = Math.max(1, step((high - low) / 1_000, wanted));
        List<Tick> ticks = new ArrayList<>();
        for (double second : places(low / 1_000, high / 1_000, step)) {
            Instant instant = Instant.ofEpochSecond((long) second);
            boolean midnight = second % DAY == 0;
            DateTimeFormatter form =
                    step >= 90 * DAY ? YEARS : step >= DAY || midnight ? DAYS : step >= MINUTE ? MINUTES : SECONDS;
            ticks.add(new Tick(second * 1_000, form.format(instant)));
        }
        return ticks;
    }

    private static String duration(double seconds, double step) {
        if (seconds == 0) {
            return "0";
        }
        if (step < 1 || Math.abs(seconds) > 1e12) {
            return Notation.number(seconds) + " s";
        }
        String sign = seconds < 0 ? "−" : "";
        return sign + Notation.duration(Math.abs(seconds));
    }

    private static double step(double range, int wanted) {
        double least = range / Math.max(1, wanted);
        if (least < 1) {
            return Ruler.roundStep(least);
        }
        for (double step : STEPS) {
            if (step >= least) {
                return step;
            }
        }
        return Ruler.roundStep(least / DAY) * DAY;
    }

    private static List<Double> places(double low, double high, double step) {
        List<Double> places = new ArrayList<>();
        double first = Math.ceil(low / step - 1e-9);
        for (int i = 0; i < 40 && (first + i) * step <= high + step * 1e-9; i++) {
            places.add((first + i) * step);
        }
        return places;
    }

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }
}
