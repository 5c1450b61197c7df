package dev.millrace.exafs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes path files in the columns of FEFF, with smooth functions in the place of a calculation. Columns that depend on k only are
 * formatted once. Reused for file after file; one thread at a time.
 */
final class SyntheticPathFile {
    private static final double[] K = grid();
    private static final byte[][] LINE_START = new byte[K.length][];
    private static final byte[][] LINE_END = new byte[K.length][];
    private static final double[][] MAGNITUDE = {new double[K.length], new double[K.length]};
    private static final double[][] PHASE = {new double[K.length], new double[K.length]};

    static {
        SyntheticPathFile text = new SyntheticPathFile();
        for (int i = 0; i < K.length; i++) {
            double k = K[i];
            text.length = 0;
            text.put(" ");
            text.padded(fixed(k, 3), 6);
            text.put(" ");
            // Twice the phase shift of the absorber.
            text.exponential(16.1 - 0.9 * k + 0.012 * k * k, 4);
            LINE_START[i] = text.bytes();
            text.length = 0;
            text.put(" ");
            text.exponential(1.15 - 0.77 * Math.exp(-k * k / 2.2) - 0.006 * k, 3);
            text.put(" ");
            text.exponential(3.14 + 0.25 * k + 0.055 * k * k, 4);
            text.put(" ");
            text.exponential(Math.sqrt(k * k + 2.79), 4);
            text.put("\n");
            LINE_END[i] = text.bytes();
            // Oxygen falls off; uranium has the dips of a heavy scatterer.
            MAGNITUDE[0][i] = 0.62 * k / (0.35 + k) * Math.exp(-k / 5.5);
            MAGNITUDE[1][i] = k
                    / (0.6 + k)
                    * (0.42 * Math.exp(-square((k - 4.2) / 2.4))
                            + 0.66 * Math.exp(-square((k - 9.5) / 4.1))
                            + 0.35 * Math.exp(-square((k - 17) / 4.5)));
            PHASE[0][i] = -14.2 - 1.05 * k + 0.021 * k * k;
            PHASE[1][i] = -12.9 - 0.71 * k + 2.1 * Math.tanh((k - 6.5) / 1.8) + 0.013 * k * k;
        }
    }

    private byte[] buffer = new byte[1 << 13];
    private int length;

    /** 0 … 20 Å⁻¹, 59 rows, wider and wider apart, as FEFF has them. */
    private static double[] grid() {
        double[] k = new double[59];
        for (int i = 0; i < k.length; i++) {
            k[i] = i <= 20 ? 0.1 * i : i <= 40 ? 2 + 0.2 * (i - 20) : i <= 46 ? 6 + 0.5 * (i - 40) : 9 + (i - 46);
        }
        k[58] = 20;
        for (int i = 54; i < 58; i++) {
            k[i] = 17 + 0.75 * (i - 54);
        }
        return k;
    }

    private static double square(double x) {
        return x * x;
    }

    /**
     * The content of a file.
     *
     * @param number of the path
     * @param path atoms by their places in the cluster, the absorber first
     * @param positions of all atoms, Å
     */
    byte[] format(int number, SyntheticCluster cluster, int[] path, double[][] positions, double halfLength) {
        length = 0;
        header(number, cluster, path, positions, halfLength);
        double curvature = 1 + 0.35 / halfLength;
        double focusing = focusing(path, positions);
        for (int i = 0; i < K.length; i++) {
            double magnitude = curvature;
            double phase = 0;
            for (int leg = 1; leg < path.length; leg++) {
                int kind = cluster.isUranium(path[leg]) ? 1 : 0;
                // An absorber in the middle scatters too. Each further scattering is far weaker than the first.
                magnitude *= leg == 1 ? MAGNITUDE[kind][i] : 0.25 + 0.6 * MAGNITUDE[kind][i];
                phase += leg == 1 ? PHASE[kind][i] : 0.45 * PHASE[kind][i] + 5;
            }
            magnitude *= focusing;
            phase += 0.6 / (halfLength * (0.4 + K[i]));
            put(LINE_START[i]);
            put(" ");
            exponential(magnitude, 4);
            put(" ");
            exponential(phase, 4);
            put(LINE_END[i]);
        }
        return bytes();
    }

    /** 1 for there and back; else stronger the straighter the way is at its atoms. */
    private static double focusing(int[] path, double[][] positions) {
        double product = 1;
        for (int i = 1; i < path.length && path.length > 2; i++) {
            double[] before = positions[path[i - 1]];
            double[] at = positions[path[i]];
            double[] after = positions[path[(i + 1) % path.length]];
            double cosine = 0;
            for (int axis = 0; axis < 3; axis++) {
                cosine += (at[axis] - before[axis]) * (after[axis] - at[axis]);
            }
            cosine /= SyntheticCluster.distance(before, at) * SyntheticCluster.distance(at, after);
            product *= 0.35 + 0.45 * square(1 + cosine) / 2;
        }
        return product;
    }

    private void header(int number, SyntheticCluster cluster, int[] path, double[][] positions, double halfLength) {
        put(" Synthetic uranium dioxide by 'millrace sample exafs'             not FEFF\n");
        put(" Abs   Z=92 Rmt= 1.631 Rnm= 1.711 L3 shell\n");
        put(" Pot 1 Z=92 Rmt= 1.636 Rnm= 1.717\n");
        put(" Pot 2 Z= 8 Rmt= 1.044 Rnm= 1.096\n");
        put(" Gam_ch=8.104E+00 H-L exch\n");
        put(" Mu=-8.114E+00 kf=2.112E+00 Vint=-1.836E+01 Rs_int= 1.717\n");
        put(" Path ");
        padded(Integer.toString(number), 4);
        put("      icalc       2\n");
        put(" -----------------------------------------------------------------------\n ");
        padded(Integer.toString(path.length), 3);
        // The way round the other direction is the same path.
        padded(path.length == 3 ? "2.000" : "1.000", 8);
        padded(fixed(halfLength, 4), 9);
        put("    2.5893   -8.11371 nleg, deg, reff, rnrmav(bohr), edge\n");
        put("        x         y         z   pot at#\n");
        for (int i = 0; i < path.length; i++) {
            put(" ");
            for (double coordinate : positions[path[i]]) {
                padded(fixed(coordinate, 4), 10);
            }
            put(path[i] == 0 ? "  0" : cluster.isUranium(path[i]) ? "  1" : "  2");
            put(cluster.isUranium(path[i]) ? "  92 U     " : "   8 O     ");
            put(i == 0 ? "   absorbing atom\n" : "\n");
        }
        put("    k   real[2*phc]   mag[feff]  phase[feff] red factor   lambda     real[p]@#\n");
    }

    private byte[] bytes() {
        return Arrays.copyOf(buffer, length);
    }

    private void put(String text) {
        put(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void put(byte[] bytes) {
        if (length + bytes.length > buffer.length) {
            buffer = Arrays.copyOf(buffer, 2 * (length + bytes.length));
        }
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    private void padded(String text, int width) {
        put(" ".repeat(Math.max(0, width - text.length())));
        put(text);
    }

    /** As Fortran's 1PE format, 11 characters for 4 decimals and 10 for 3. */
    private void exponential(double value, int decimals) {
        double scale = Math.pow(10, decimals);
        int exponent = value == 0 ? 0 : (int) Math.floor(Math.log10(Math.abs(value)));
        long digits = Math.round(Math.abs(value) * Math.pow(10, decimals - exponent));
        if (digits >= 10 * scale) {
            digits = Math.round(scale);
            exponent++;
        }
        byte[] text = new byte[decimals + 7];
        text[0] = (byte) (value < 0 ? '-' : ' ');
        long rest = digits;
        for (int i = decimals + 2; i > 2; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        text[2] = '.';
        text[1] = (byte) ('0' + rest);
        text[decimals + 3] = 'E';
        text[decimals + 4] = (byte) (exponent < 0 ? '-' : '+');
        text[decimals + 5] = (byte) ('0' + Math.abs(exponent) / 10);
        text[decimals + 6] = (byte) ('0' + Math.abs(exponent) % 10);
        put(text);
    }

    /** A number with so many decimals, as Fortran's F format prints it. */
    static String fixed(double value, int decimals) {
        long scale = Math.round(Math.pow(10, decimals));
        long scaled = Math.round(Math.abs(value) * scale);
        String fraction = Long.toString(scaled % scale);
        return (value < 0 ? "-" : "") + scaled / scale + "." + "0".repeat(decimals - fraction.length()) + fraction;
    }
}
