package dev.millrace.exafs;

import dev.millrace.chart.ChartAxis;
import dev.millrace.chart.Colour;
import dev.millrace.chart.Line;
import dev.millrace.chart.Panel;
import dev.millrace.chart.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Pictures of χ(k) and χ(R). Stateless. */
public final class ExafsPlot {
    private static final String[] POWERS = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};

    /** Colours of parts; the main curve is blue. */
    private static final List<Colour> PARTS =
            List.of(Colour.VERMILION, Colour.GREEN, Colour.PURPLE, Colour.ORANGE, Colour.SKY);

    /** So many parts have colours of their own. */
    public static final int MOST_PARTS = PARTS.size();

    /** χ(R) is computed a little further than it is shown, Å, so that its end is as smooth as the rest. */
    private static final double MARGIN = 0.2;

    /** Curves that are shifted are that part of the largest amplitude apart, at least. */
    private static final double LEAST_SHIFT = 0.4;

    /** The lattice of a transform ends a little beyond, at the usual step of k. */
    private static final double MOST_R = 30;

    /** Which panels a picture has. */
    public enum Show {
        /** χ(k)·kⁿ above |χ(R)|. */
        BOTH,
        /** χ(k)·kⁿ. */
        K,
        /** |χ(R)|. */
        R,
        /** χ(k)·kⁿ, |χ(R)|, and the real part of χ(R). */
        ALL
    }

    /**
     * How curves are looked at. Immutable.
     *
     * @param kWeight n of χ(k)·kⁿ, 0 … 9
     * @param window of k for χ(R)
     * @param mostR where the axis of R ends, Å
     * @param apart whether curves of χ(k) are shifted, so that none crosses another
     */
    public record View(Show show, int kWeight, FourierWindow.Range window, double mostR, boolean apart) {
        public View {
            if (kWeight < 0 || kWeight >= POWERS.length) {
                throw new IllegalArgumentException("Plot: expected a weight of k 0..9, found " + kWeight + ".");
            }
            if (!(mostR > 0 && mostR <= MOST_R)) {
                throw new IllegalArgumentException(
                        "Plot: expected an axis of R up to 0.." + MOST_R + " Å, found " + mostR + ".");
            }
        }
    }

    private ExafsPlot() {}

    /**
     * A picture of curves.
     *
     * @param subtitle what else is to be known; the window of χ(R) is added
     * @throws IllegalArgumentException if a curve cannot be transformed
     */
    public static Picture of(String title, String subtitle, List<ChiCurves.Curve> curves, View view) {
        List<Panel> panels = new ArrayList<>();
        if (view.show != Show.R) {
            String unit = view.kWeight == 0 ? "" : "Å" + power(-view.kWeight);
            String shifted = view.apart && curves.size() > 1 ? (unit.isEmpty() ? "" : ", ") + "curves shifted" : "";
            panels.add(Panel.of(
                    weighted(view.kWeight),
                    ChartAxis.number("k (Å⁻¹)"),
                    ChartAxis.number(unit + shifted),
                    coloured(curves, ofK(curves, view))));
        }
        if (view.show != Show.K) {
            panels.add(ofR("|χ(R)|", curves, view, FourierTransform.Result::magnitude));
            if (view.show == Show.ALL) {
                panels.add(ofR("Re χ(R)", curves, view, FourierTransform.Result::real));
            }
        }
        return new Picture(title, subtitle(subtitle, view), panels, 1, false);
    }

    private static List<Line> ofK(List<ChiCurves.Curve> curves, View view) {
        List<Line> lines = new ArrayList<>();
        double shift = 0;
        double before = 0;
        double largest = 0;
        for (ChiCurves.Curve curve : curves) {
            double[] k = Refined.places(curve.k());
            double[] chi = Refined.values(curve.k(), curve.chi(), k);
            double[] error = curve.error() == null ? new double[k.length] : Refined.values(curve.k(), curve.error(), k);
            double amplitude = 0;
            for (int i = 0; i < k.length; i++) {
                double factor = Math.pow(k[i], view.kWeight);
                chi[i] *= factor;
                error[i] = Math.max(0, error[i]) * factor;
                amplitude = Math.max(amplitude, Math.abs(chi[i]) + error[i]);
            }
            largest = Math.max(largest, amplitude);
            if (view.apart && !lines.isEmpty()) {
                shift -= Math.max(before + amplitude, LEAST_SHIFT * largest);
            }
            before = amplitude;
            double[] low = new double[k.length];
            double[] high = new double[k.length];
            for (int i = 0; i < k.length; i++) {
                chi[i] += shift;
                low[i] = chi[i] - error[i];
                high[i] = chi[i] + error[i];
            }
            Line line = Line.of(curve.label(), k, chi);
            lines.add(curve.error() == null ? line : line.withEnvelope(low, high));
        }
        return lines;
    }

    private static Panel ofR(
            String title, List<ChiCurves.Curve> curves, View view, Function<FourierTransform.Result, double[]> part) {
        List<Line> lines = new ArrayList<>();
        for (ChiCurves.Curve curve : curves) {
            FourierTransform.Result result =
                    FourierTransform.forward(curve.k(), curve.chi(), view.window, view.kWeight, view.mostR + MARGIN);
            double[] r = Refined.places(result.x());
            FourierTransform.Result fine = new FourierTransform.Result(
                    r,
                    Refined.values(result.x(), result.real(), r),
                    Refined.values(result.x(), result.imaginary(), r),
                    result.window(),
                    result.windowStep());
            int shown =
                    (int) Arrays.stream(r).filter(place -> place <= view.mostR).count();
            // The legend stands in the first panel.
            lines.add(Line.of(
                    view.show == Show.R ? curve.label() : "",
                    Arrays.copyOf(r, shown),
                    Arrays.copyOf(part.apply(fine), shown)));
        }
        return Panel.of(
                title,
                ChartAxis.number("R (Å), phase not corrected").from(0.0, view.mostR),
                ChartAxis.number("Å" + power(-view.kWeight - 1)),
                coloured(curves, lines));
    }

    private static List<Line> coloured(List<ChiCurves.Curve> curves, List<Line> lines) {
        List<Line> coloured = new ArrayList<>();
        int part = 0;
        int main = 0;
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            coloured.add(
                    switch (curves.get(i).role()) {
                        case BEHIND -> line.in(Colour.BACKGROUND);
                        case PART -> line.in(PARTS.get(part++ % PARTS.size()));
                        case MAIN -> line.in(Colour.ofLine(main++));
                        case REFERENCE -> line.in(Colour.ofLine(main++)).dashed();
                    });
        }
        return coloured;
    }

    /** Curves as smooth as what they stand for: their points are few for a picture, but χ has nothing between them. */
    private static final class Refined {
        private static final int TIMES = 4;
        private static final int MOST = 4_000;

        private Refined() {}

        static double[] places(double[] x) {
            if (x.length < CubicSpline.LEAST_KNOTS || x.length > MOST) {
                return x;
            }
            double[] places = new double[TIMES * (x.length - 1) + 1];
            for (int i = 0; i < places.length; i++) {
                int knot = i / TIMES;
                places[i] = i % TIMES == 0 ? x[knot] : x[knot] + (x[knot + 1] - x[knot]) * (i % TIMES) / TIMES;
            }
            return places;
        }

        static double[] values(double[] x, double[] y, double[] places) {
            if (places == x) {
                return y.clone();
            }
            double[] values = new double[places.length];
            new CubicSpline(x, places).evaluate(y, values);
            return values;
        }
    }

    private static String weighted(int kWeight) {
        return switch (kWeight) {
            case 0 -> "χ(k)";
            case 1 -> "k·χ(k)";
            default -> "k" + POWERS[kWeight] + "·χ(k)";
        };
    }

    private static String power(int exponent) {
        StringBuilder text = new StringBuilder(exponent < 0 ? "⁻" : "");
        for (char digit : String.valueOf(Math.abs(exponent)).toCharArray()) {
            text.append(POWERS[digit - '0']);
        }
        return text.toString();
    }

    private static String subtitle(String text, View view) {
        if (view.show == Show.K) {
            return text;
        }
        FourierWindow.Range window = view.window;
        return text + (text.isEmpty() ? "" : "  ·  ") + "χ(R) of k " + plain(window.min()) + " … " + plain(window.max())
                + " Å⁻¹, " + window.shape().label() + " window, dk " + plain(window.rise());
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e6
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }
}
