package dev.millrace.cli;

import dev.millrace.chart.ChartAxis;
import dev.millrace.chart.Line;
import dev.millrace.chart.Panel;
import dev.millrace.chart.Picture;
import dev.millrace.chart.SvgRenderer;
import dev.millrace.cli.TransferCell.Outcome;
import dev.millrace.cli.TransferCell.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the cells of a transfer benchmark say together. Immutable. */
record TransferSummary(List<Outcome> outcomes, int expected) {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 380;

    TransferSummary {
        outcomes = List.copyOf(outcomes);
    }

    /** Mean and standard deviation of some values; the deviation is NaN of one value. */
    record Spread(int count, double mean, double deviation) {
        static @Nullable Spread of(double... values) {
            if (values.length == 0) {
                return null;
            }
            double mean = 0;
            for (double value : values) {
                mean += value / values.length;
            }
            double squares = 0;
            for (double value : values) {
                squares += (value - mean) * (value - mean);
            }
            return new Spread(
                    values.length, mean, values.length == 1 ? Double.NaN : Math.sqrt(squares / (values.length - 1)));
        }

        String text() {
            return Double.isNaN(deviation)
                    ? String.format(Locale.ROOT, "%.4f", mean)
                    : String.format(Locale.ROOT, "%.4f ± %.4f", mean, deviation);
        }
    }

    private List<Double> fractions() {
        return outcomes.stream().map(Outcome::fraction).distinct().sorted().toList();
    }

    private List<Strategy> strategies() {
        return outcomes.stream().map(Outcome::strategy).distinct().sorted().toList();
    }

    private @Nullable Spread cosine(Strategy strategy, double fraction) {
        return Spread.of(outcomes.stream()
                .filter(outcome -> outcome.strategy() == strategy && outcome.fraction() == fraction)
                .mapToDouble(Outcome::testCosine)
                .toArray());
    }

    /** Test cosine of a strategy less that of training from scratch, seed by seed. */
    private @Nullable Spread gain(Strategy strategy, double fraction) {
        List<Double> gains = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (outcome.strategy() == strategy && outcome.fraction() == fraction) {
                outcomes.stream()
                        .filter(other -> other.strategy() == Strategy.SCRATCH
                                && other.fraction() == fraction
                                && other.seed() == outcome.seed())
                        .findFirst()
                        .ifPresent(other -> gains.add(outcome.testCosine() - other.testCosine()));
            }
        }
        return Spread.of(gains.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** A table with a row per fraction. */
    String markdown() {
        StringBuilder text = new StringBuilder("| data_fraction | training spectra |");
        StringBuilder rule = new StringBuilder("|---|---|");
        for (Strategy strategy : strategies()) {
            text.append(' ').append(strategy.id()).append(" |");
            rule.append("---|");
        }
        List<Strategy> compared = strategies().contains(Strategy.SCRATCH)
                ? strategies().stream().filter(one -> one != Strategy.SCRATCH).toList()
                : List.of();
        for (Strategy strategy : compared) {
            text.append(' ').append(strategy.id()).append(" − scratch |");
            rule.append("---|");
        }
        text.append('\n').append(rule).append('\n');
        for (double fraction : fractions()) {
            long samples = outcomes.stream()
                    .filter(outcome -> outcome.fraction() == fraction)
                    .mapToLong(Outcome::trainingSamples)
                    .max()
                    .orElse(0);
            text.append("| ").append(fraction).append(" | ").append(samples).append(" |");
            for (Strategy strategy : strategies()) {
                text.append(' ').append(cell(cosine(strategy, fraction))).append(" |");
            }
            for (Strategy strategy : compared) {
                text.append(' ').append(cell(gain(strategy, fraction))).append(" |");
            }
            text.append('\n');
        }
        return text.append(String.format(
                        Locale.ROOT,
                        "%nTest cosine at the epoch with the best validation loss, mean ± standard deviation over seeds;"
                                + " differences seed by seed. %d of %d cells are done.%n",
                        outcomes.size(),
                        expected))
                .toString();
    }

    private static String cell(@Nullable Spread spread) {
        return spread == null ? "-" : spread.text();
    }

    /** Mean test cosine over the fraction, a curve per strategy; null without a cell. */
    @Nullable
    String svg() {
        List<Line> lines = new ArrayList<>();
        for (Strategy strategy : strategies()) {
            List<Double> places = new ArrayList<>();
            List<Double> values = new ArrayList<>();
            for (double fraction : fractions()) {
                Spread found = cosine(strategy, fraction);
                if (found != null) {
                    places.add(fraction);
                    values.add(found.mean());
                }
            }
            lines.add(Line.of(strategy.id(), array(places), array(values)).withDots());
        }
        if (lines.isEmpty()) {
            return null;
        }
        ChartAxis part = ChartAxis.number("part of the training split");
        Panel panel = Panel.of("test cosine", part, ChartAxis.number("mean over seeds"), lines);
        return SvgRenderer.file(Picture.of(panel), WIDTH, HEIGHT);
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
