package dev.millrace.exafs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** Path files as FEFF 8 would print them, made up: smooth columns with no meaning. */
public final class SyntheticFeff {
    static final Path NAME = Path.of("feff0007.dat");

    private SyntheticFeff() {}

    /** A path of three legs, U-O-Fe, degeneracy 12, half length 4.3028 Å, 59 rows to 20 Å⁻¹. */
    public static String text() {
        StringBuilder text = new StringBuilder("""
                 Made up, as FEFF would print it                                  Feff 8.50L
                 of three lines of title
                 POT  SCF  30  4.0000   0, core-hole, AFOLP (folp(0)= 1.150)
                 Abs   Z=92 Rmt= 1.631 Rnm= 1.711 L3 shell
                 Pot 1 Z=26 Rmt= 1.259 Rnm= 1.308
                 Pot 2 Z= 8 Rmt= 1.044 Rnm= 1.096
                 Gam_ch=8.104E+00 H-L exch
                 Mu=-8.114E+00 kf=2.112E+00 Vint=-1.836E+01 Rs_int= 1.717
                 PATH  Rmax= 5.500,  Keep_limit= 0.00, Heap_limit 0.00  Pwcrit= 2.50%
                 Path    7      icalc       2
                 -----------------------------------------------------------------------
                   3  12.000   4.3028    2.5893   -8.11371 nleg, deg, reff, rnrmav(bohr), edge
                        x         y         z   pot at#
                    -0.0000   -0.0000   -0.0000  0  92 U        absorbing atom
                     0.0000    3.0000    0.0000  2   8 O
                     2.0000    3.0000    0.0000  1  26 Fe
                    k   real[2*phc]   mag[feff]  phase[feff] red factor   lambda     real[p]@#
                """.indent(0));
        for (int row = 0; row < 59; row++) {
            double k = row < 20 ? 0.1 * row : row < 40 ? 2 + 0.2 * (row - 20) : 6 + 14.0 * (row - 40) / 18;
            text.append(String.format(
                    Locale.ROOT,
                    " %6.3f %s %s %s %s %s %s%n",
                    k,
                    number(4 - 0.5 * k, 4),
                    number(0.4 * k * Math.exp(-0.2 * k), 4),
                    number(-5 - 0.6 * k, 4),
                    number(0.9 + 0.004 * k, 3),
                    number(4 + 0.9 * k, 4),
                    number(Math.sqrt(k * k + 3), 4)));
        }
        return text.toString().replace(System.lineSeparator(), "\n");
    }

    /** As Fortran's {@code 1pe11.4}, or {@code 1pe10.3}. */
    private static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%" + (decimals + 7) + "." + decimals + "E", value);
    }

    static FeffPath path() throws IOException {
        return parse(text());
    }

    static FeffPath parse(String text) throws IOException {
        return FeffFile.parse(NAME, text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
