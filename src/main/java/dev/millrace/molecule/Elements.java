package dev.millrace.molecule;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Facts about the elements as RDKit 2022.09 uses them; atomic number 0 is a dummy atom. Immutable. */
final class Elements {
    static final int COUNT = 118;

    /** The valence list that allows any valence. */
    private static final int[] ANY = {-1};

    private static final String[] SYMBOL = """
            * H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr \
            Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir \
            Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh \
            Fl Mc Lv Ts Og""".split(" ");

    private static final int[] OUTER_ELECTRONS = numbers("""
            0 1 2 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8 9 10 11 2 3 4 5 6 7 8 1 2 3 4 5 6 7 8 9 10 11 2 3 4 5 6 \
            7 8 1 2 3 4 3 4 5 6 7 8 9 10 11 12 13 14 15 4 5 6 7 8 9 10 11 2 3 4 5 6 7 8 1 2 3 4 3 4 5 6 7 8 9 10 11 12 13 \
            14 15 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2""");

    /** Most common isotope; only its difference from a given isotope matters, for ranks and MDL mass differences. */
    private static final int[] COMMON_ISOTOPE = numbers("""
            0 1 4 7 9 11 12 14 16 19 20 23 24 27 28 31 32 35 40 39 40 45 48 51 52 55 56 59 58 63 64 69 74 75 80 79 84 85 88 \
            89 90 93 98 98 102 103 106 107 114 115 120 121 130 127 132 133 138 139 140 141 142 145 152 153 158 159 164 165 \
            166 169 174 175 180 181 184 187 192 193 195 197 202 205 208 209 209 210 222 223 226 227 232 231 238 237 244 243 \
            247 247 251 252 257 258 259 262 267 268 269 270 269 278 281 281 285 284 289 288 293 292 294""");

    private static final int[][] VALENCES = valences();
    private static final Map<String, Integer> BY_SYMBOL = bySymbol();

    private Elements() {}

    private static int[] numbers(String text) {
        return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    private static int[][] valences() {
        int[][] table = new int[COUNT + 1][];
        Arrays.fill(table, ANY);
        int[] zero = {0};
        int[] one = {1};
        int[] two = {2};
        int[] three = {3};
        int[] four = {4};
        int[] pnictogen = {3, 5, 7};
        int[] chalcogen = {2, 4, 6};
        int[] heavyHalogen = {1, 3, 5};
        int[] alkalineEarth = {2, -1};
        put(table, zero, 2, 10, 18, 36, 86);
        put(table, one, 1, 3, 9, 11, 17, 19, 35, 37, 55, 87);
        put(table, two, 4, 8);
        put(table, alkalineEarth, 12, 20, 38, 56, 88);
        put(table, three, 5, 7, 31, 49, 81);
        put(table, four, 6, 32);
        put(table, new int[] {3, 6}, 13);
        put(table, new int[] {4, 6}, 14);
        put(table, pnictogen, 15, 33, 51, 83);
        put(table, chalcogen, 16, 34, 52, 84);
        put(table, heavyHalogen, 53, 85);
        put(table, new int[] {2, 4}, 50, 82);
        put(table, new int[] {0, 2, 4, 6}, 54);
        return table;
    }

    private static void put(int[][] table, int[] valences, int... atomicNumbers) {
        for (int atomicNumber : atomicNumbers) {
            table[atomicNumber] = valences;
        }
    }

    private static Map<String, Integer> bySymbol() {
        Map<String, Integer> map = new HashMap<>();
        for (int atomicNumber = 1; atomicNumber <= COUNT; atomicNumber++) {
            map.put(SYMBOL[atomicNumber], atomicNumber);
        }
        return Map.copyOf(map);
    }

    static String symbol(int atomicNumber) {
        return SYMBOL[atomicNumber];
    }

    /** Atomic number of an element symbol in its usual spelling, or -1. */
    static int atomicNumber(String symbol) {
        return BY_SYMBOL.getOrDefault(symbol, -1);
    }

    /** Allowed valences, smallest first; a last entry of -1 allows any. Not to be changed by the caller. */
    static int[] valences(int atomicNumber) {
        return VALENCES[atomicNumber];
    }

    static int defaultValence(int atomicNumber) {
        return VALENCES[atomicNumber][0];
    }

    static int maximumValence(int atomicNumber) {
        int[] list = VALENCES[atomicNumber];
        return list[list.length - 1];
    }

    static int outerElectrons(int atomicNumber) {
        return OUTER_ELECTRONS[atomicNumber];
    }

    static int commonIsotope(int atomicNumber) {
        return COMMON_ISOTOPE[atomicNumber];
    }

    /** Left of carbon in the table: there a negative charge adds a bond, where elsewhere a positive one does. */
    static boolean isEarly(int atomicNumber) {
        return atomicNumber > 2 && OUTER_ELECTRONS[atomicNumber] < 4;
    }

    static boolean isMoreElectronegative(int first, int second) {
        int outerFirst = OUTER_ELECTRONS[first];
        int outerSecond = OUTER_ELECTRONS[second];
        return outerFirst > outerSecond || (outerFirst == outerSecond && first < second);
    }
}
