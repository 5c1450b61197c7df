package dev.millrace.exafs;

/**
 * The Fourier transforms of EXAFS, in larch's convention: χ(k)·kʷ·Ω(k) to χ(R), and χ(R)·Rʷ·Ω(R) back to χ(q), on a lattice of 2048
 * places. Stateless.
 *
 * <pre>
 *   χ(R) = δk/√π · Σ χ(k)·kʷ·Ω(k)·exp(−2ikR)        R = m·π/(2048·δk)
 *   χ(q) = 2√π/δq · 1/2048 · Σ χ(R)·Rʷ·Ω(R)·exp(2iqR)   q = n·π/(2048·δR)
 * </pre>
 */
public final class FourierTransform {
    /** Places of the lattice. */
    public static final int LATTICE = 2048;

    /** Larch's usual ends of what is given back: R, Å, and q, Å⁻¹. */
    public static final double USUAL_MOST_R = 10;

    public static final double USUAL_MOST_Q = 30;

    private static final double[] COSINES = new double[LATTICE];
    private static final double[] SINES = new double[LATTICE];

    static {
        for (int i = 0; i < LATTICE; i++) {
            COSINES[i] = StrictMath.cos(2 * Math.PI * i / LATTICE);
            SINES[i] = StrictMath.sin(2 * Math.PI * i / LATTICE);
        }
    }

    private FourierTransform() {}

    /**
     * A complex function. Immutable by agreement: arrays are not copied.
     *
     * @param x R in Å of a forward transform, q in Å⁻¹ of a back transform
     * @param real its real part
     * @param imaginary its imaginary part
     * @param window what the input was multiplied with, at the places of the input's lattice
     * @param windowStep from 0 on, the distance of those places
     */
    public record Result(double[] x, double[] real, double[] imaginary, double[] window, double windowStep) {
        /** Its absolute value. */
        public double[] magnitude() {
            double[] magnitude = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                magnitude[i] = Math.sqrt(real[i] * real[i] + imaginary[i] * imaginary[i]);
            }
            return magnitude;
        }

        /** Where {@link #window} is given. */
        public double[] windowPlaces() {
            return places(windowStep, window.length);
        }
    }

    /**
     * χ(R) of χ(k).
     *
     * @param k at least two values, increasing; χ is interpolated linearly to multiples of their first step
     * @param chi one value for each
     * @param kWeight w
     * @param mostR the largest R given back, Å
     * @throws IllegalArgumentException if the input has no such form, or is more than the lattice holds
     */
    public static Result forward(double[] k, double[] chi, FourierWindow.Range range, int kWeight, double mostR) {
        return forward(k, chi, step("k", k), range, kWeight, mostR);
    }

    /** The same with another step of k, Å⁻¹. */
    public static Result forward(
            double[] k, double[] chi, double step, FourierWindow.Range range, int kWeight, double mostR) {
        requireGrid("k", k, chi);
        requirePositive("kstep", step);
        requirePositive("rmax-out", mostR);
        double last = k[k.length - 1];
        int count = count("k", last / step);
        double reach = Math.max(last, range.max() + range.fall());
        double[] window = java.util.Arrays.copyOf(FourierWindow.values(range, step, windowCount(reach / step)), count);
        double[] places = places(step, count);
        double[] weighted = new double[count];
        new PiecewiseLinear(k, places).evaluate(chi, weighted);
        for (int i = 0; i < count; i++) {
            weighted[i] *= power(places[i], kWeight) * window[i];
        }
        double rstep = Math.PI / (step * LATTICE);
        int size = (int) Math.min(LATTICE / 2.0, 1.01 + mostR / rstep);
        double[] real = new double[size];
        double[] imaginary = new double[size];
        double scale = step / Math.sqrt(Math.PI);
        for (int m = 0; m < size; m++) {
            double re = 0;
            double im = 0;
            for (int n = 0; n < count; n++) {
                int place = n * m % LATTICE;
                re += weighted[n] * COSINES[place];
                im -= weighted[n] * SINES[place];
            }
            real[m] = scale * re;
            imaginary[m] = scale * im;
        }
        return new Result(places(rstep, size), real, imaginary, window, step);
    }

    /**
     * χ(q) of χ(R), both complex.
     *
     * @param r 0, δR, 2·δR, …, as a forward transform gives it
     * @param rweight w
     * @param mostQ the largest q given back, Å⁻¹
     * @throws IllegalArgumentException if the input has no such form, or is more than the lattice holds
     */
    public static Result back(
            double[] r, double[] real, double[] imaginary, FourierWindow.Range range, int rweight, double mostQ) {
        requireGrid("r", r, real);
        requireGrid("r", r, imaginary);
        requirePositive("qmax-out", mostQ);
        double step = step("r", r);
        requireEven(r, step);
        if (r.length > LATTICE) {
            throw new IllegalArgumentException(
                    "Fourier transform: expected at most " + LATTICE + " values of r, found " + r.length + ".");
        }
        double kstep = Math.PI / (step * LATTICE);
        int size = (int) Math.min(1e6, 1.05 + mostQ / kstep);
        if (size < 2 || size > LATTICE) {
            throw new IllegalArgumentException("Fourier transform: expected qmax-out from " + kstep + " to "
                    + (LATTICE - 1) * kstep + ", found " + mostQ + ".");
        }
        double[] window = java.util.Arrays.copyOf(FourierWindow.values(range, step, LATTICE), r.length);
        double[] re = new double[r.length];
        double[] im = new double[r.length];
        for (int m = 0; m < r.length; m++) {
            double factor = window[m] * power(step * m, rweight);
            re[m] = real[m] * factor;
            im[m] = imaginary[m] * factor;
        }
        double[] q = new double[size];
        double[] outReal = new double[size];
        double[] outImaginary = new double[size];
        double scale = 0.5 * (4 * Math.sqrt(Math.PI) / kstep) / LATTICE;
        double qstep = mostQ / (size - 1);
        for (int n = 0; n < size; n++) {
            double sumReal = 0;
            double sumImaginary = 0;
            for (int m = 0; m < r.length; m++) {
                int place = n * m % LATTICE;
                sumReal += re[m] * COSINES[place] - im[m] * SINES[place];
                sumImaginary += re[m] * SINES[place] + im[m] * COSINES[place];
            }
            q[n] = n == size - 1 ? mostQ : qstep * n;
            outReal[n] = scale * sumReal;
            outImaginary[n] = scale * sumImaginary;
        }
        return new Result(q, outReal, outImaginary, window, step);
    }

    /** As numpy raises an array to a whole power. */
    private static double power(double base, int exponent) {
        double power = 1;
        for (int i = 0; i < Math.abs(exponent); i++) {
            power *= base;
        }
        return exponent < 0 ? 1 / power : power;
    }

    private static double[] places(double step, int count) {
        double[] places = new double[count];
        for (int i = 0; i < count; i++) {
            places[i] = step * i;
        }
        return places;
    }

    private static int count(String name, double steps) {
        if (!(steps < LATTICE)) {
            throw new IllegalArgumentException("Fourier transform: expected " + name + " up to " + (LATTICE - 1)
                    + " steps, found " + steps + ". Take a larger step.");
        }
        return (int) (1.01 + steps);
    }

    private static int windowCount(double steps) {
        if (!(steps < 1e7)) {
            throw new IllegalArgumentException(
                    "Window: expected its end within the lattice, found it " + steps + " steps from 0.");
        }
        return (int) (1.01 + steps);
    }

    private static double step(String name, double[] x) {
        if (x.length < 2) {
            throw new IllegalArgumentException(
                    "Fourier transform: expected two values of " + name + " or more, found " + x.length + ".");
        }
        return x[1] - x[0];
    }

    private static void requireGrid(String name, double[] x, double[] values) {
        if (x.length != values.length) {
            throw new IllegalArgumentException("Fourier transform: expected as many values as " + name + ", found "
                    + values.length + " for " + x.length + ".");
        }
        for (int i = 0; i < x.length; i++) {
            if (!Double.isFinite(values[i]) || !(x[i] >= 0) || (i > 0 && !(x[i] > x[i - 1]))) {
                throw new IllegalArgumentException("Fourier transform: expected finite values at increasing " + name
                        + " from 0 on, found " + values[i] + " at " + x[i] + ", position " + i + ".");
            }
        }
    }

    private static void requireEven(double[] r, double step) {
        for (int i = 0; i < r.length; i++) {
            if (Math.abs(r[i] - i * step) > 1e-6 * step * Math.max(1, i)) {
                throw new IllegalArgumentException("Fourier transform: expected r from 0 on in steps of " + step
                        + ", found " + r[i] + " at position " + i + ".");
            }
        }
    }

    private static void requirePositive(String name, double value) {
        if (!(value > 0) || !Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    "Fourier transform: expected " + name + " above 0, found " + value + ".");
        }
    }
}
