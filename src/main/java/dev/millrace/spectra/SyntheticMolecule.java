package dev.millrace.spectra;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A random molecule with valid valences: rings and groups grown onto each other by single bonds, 10 … 25 heavy atoms. It
 * need not exist. At most 64 atoms, so that a set of atoms is one long.
 */
final class SyntheticMolecule {
    /** Elements with their usual valence, the mass of their most common isotope and their standard atomic weight, in u. */
    enum Element {
        C(4, 12.0, 12.011),
        N(3, 14.00307400443, 14.007),
        O(2, 15.99491461957, 15.999),
        F(1, 18.99840316273, 18.998),
        S(2, 31.9720711744, 32.06),
        CL(1, 34.968852682, 35.45),
        BR(1, 78.9183376, 79.904);

        final int valence;
        final double mass;
        final double weight;

        Element(int valence, double mass, double weight) {
            this.valence = valence;
            this.mass = mass;
            this.weight = weight;
        }

        String symbol() {
            return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
        }
    }

    static final double HYDROGEN_MASS = 1.00782503223;

    private static final double HYDROGEN_WEIGHT = 1.008;
    private static final int FEWEST = 10;
    private static final int SPREAD = 16;

    /**
     * Building blocks in a small notation: atoms of one letter each, X = Cl, B = Br; then bonds as from, to, order. The first
     * atom is the one that is attached.
     */
    private static final String[][] BLOCKS = {
        {"C"},
        {"CC", "0 1 1"},
        {"CCC", "0 1 1", "0 2 1"},
        {"O"},
        {"OC", "0 1 1"},
        {"N"},
        {"NCC", "0 1 1", "0 2 1"},
        {"CO", "0 1 2"},
        {"COO", "0 1 2", "0 2 1"},
        {"CON", "0 1 2", "0 2 1"},
        {"CN", "0 1 3"},
        {"CC", "0 1 2"},
        {"F"},
        {"X"},
        {"B"},
        {"SC", "0 1 1"},
        {"CCCCCC", "0 1 2", "1 2 1", "2 3 2", "3 4 1", "4 5 2", "5 0 1"},
        {"CNCCCC", "0 1 2", "1 2 1", "2 3 2", "3 4 1", "4 5 2", "5 0 1"},
        {"CCCCCC", "0 1 1", "1 2 1", "2 3 1", "3 4 1", "4 5 1", "5 0 1"},
        {"CCCCC", "0 1 1", "1 2 1", "2 3 1", "3 4 1", "4 0 1"},
        {"COCCC", "0 1 1", "1 2 1", "2 3 2", "3 4 1", "4 0 2"},
        {"CSCCC", "0 1 1", "1 2 1", "2 3 2", "3 4 1", "4 0 2"},
    };

    private static final int[] SHARES = {16, 10, 5, 8, 6, 5, 3, 6, 4, 4, 2, 4, 3, 4, 2, 2, 12, 3, 4, 3, 2, 2};
    private static final int TOTAL_SHARES = java.util.Arrays.stream(SHARES).sum();

    /** A bond between two atoms. */
    record Bond(int from, int to, int order) {}

    private final List<Element> atoms = new ArrayList<>();
    private final List<Bond> bonds = new ArrayList<>();
    private final List<Integer> used = new ArrayList<>();
    private final long[] neighbours = new long[Long.SIZE];
    private final Map<Element, Long> byElement = new EnumMap<>(Element.class);

    private SyntheticMolecule() {}

    static SyntheticMolecule random(SplittableRandom random) {
        SyntheticMolecule molecule = new SyntheticMolecule();
        int target = FEWEST + random.nextInt(SPREAD);
        // Starts with a carbon skeleton, to which everything else can be attached.
        molecule.add(BLOCKS[random.nextInt(2) == 0 ? 16 : 1]);
        boolean grows = true;
        while (grows && molecule.atoms.size() < target) {
            grows = molecule.attach(random, BLOCKS[drawn(random)]) || molecule.attach(random, BLOCKS[0]);
        }
        return molecule;
    }

    private static int drawn(SplittableRandom random) {
        int rest = random.nextInt(TOTAL_SHARES);
        int block = 0;
        while (rest >= SHARES[block]) {
            rest -= SHARES[block++];
        }
        return block;
    }

    /** Whether there was a place for the block. */
    private boolean attach(SplittableRandom random, String[] block) {
        boolean carbon = block[0].charAt(0) == 'C';
        List<Integer> places = new ArrayList<>();
        for (int atom = 0; atom < atoms.size(); atom++) {
            // No bonds between hetero atoms: they are rare and often unstable.
            if (hydrogens(atom) > 0 && (carbon || atoms.get(atom) == Element.C)) {
                places.add(atom);
            }
        }
        if (places.isEmpty()) {
            return false;
        }
        int place = places.get(random.nextInt(places.size()));
        int first = add(block);
        bond(place, first, 1);
        return true;
    }

    private int add(String[] block) {
        int first = atoms.size();
        for (char letter : block[0].toCharArray()) {
            Element element = switch (letter) {
                case 'C' -> Element.C;
                case 'N' -> Element.N;
                case 'O' -> Element.O;
                case 'F' -> Element.F;
                case 'S' -> Element.S;
                case 'X' -> Element.CL;
                case 'B' -> Element.BR;
                default -> throw new IllegalArgumentException("No such atom: " + letter);
            };
            byElement.merge(element, 1L << atoms.size(), (one, other) -> one | other);
            atoms.add(element);
            used.add(0);
        }
        for (int i = 1; i < block.length; i++) {
            bond(first + block[i].charAt(0) - '0', first + block[i].charAt(2) - '0', block[i].charAt(4) - '0');
        }
        return first;
    }

    private void bond(int from, int to, int order) {
        bonds.add(new Bond(from, to, order));
        used.set(from, used.get(from) + order);
        used.set(to, used.get(to) + order);
        neighbours[from] |= 1L << to;
        neighbours[to] |= 1L << from;
    }

    List<Element> atoms() {
        return atoms;
    }

    List<Bond> bonds() {
        return bonds;
    }

    int hydrogens(int atom) {
        return atoms.get(atom).valence - used.get(atom);
    }

    /** All atoms, one bit each. */
    long all() {
        return -1L >>> (Long.SIZE - atoms.size());
    }

    /** The atoms that stay connected to {@code start} within {@code among} when {@code without} is cut. */
    long component(int start, long among, Bond without) {
        long from = 1L << without.from();
        long to = 1L << without.to();
        long reached = 1L << start;
        long edge = reached;
        while (edge != 0) {
            int atom = Long.numberOfTrailingZeros(edge);
            long next = neighbours[atom] & among;
            if (atom == without.from()) {
                next &= ~to;
            } else if (atom == without.to()) {
                next &= ~from;
            }
            edge = (edge & (edge - 1)) | (next & ~reached);
            reached |= next;
        }
        return reached;
    }

    /** Number of atoms of an element in a set. */
    int count(Element element, long among) {
        return Long.bitCount(among & byElement.getOrDefault(element, 0L));
    }

    int hydrogens(long among) {
        int count = 0;
        for (long rest = among; rest != 0; rest &= rest - 1) {
            count += hydrogens(Long.numberOfTrailingZeros(rest));
        }
        return count;
    }

    /** Monoisotopic mass of a set of atoms with their hydrogens, in u. */
    double mass(long among) {
        double mass = hydrogens(among) * HYDROGEN_MASS;
        for (Element element : Element.values()) {
            mass += count(element, among) * element.mass;
        }
        return mass;
    }

    /** Average molecular weight, in u. */
    double weight() {
        double weight = hydrogens(all()) * HYDROGEN_WEIGHT;
        for (Element element : Element.values()) {
            weight += count(element, all()) * element.weight;
        }
        return weight;
    }

    /** Molecular formula: carbon, hydrogen, then by symbol. */
    String formula() {
        StringBuilder formula = new StringBuilder();
        appendCount(formula, "C", count(Element.C, all()));
        appendCount(formula, "H", hydrogens(all()));
        for (Element element : List.of(Element.BR, Element.CL, Element.F, Element.N, Element.O, Element.S)) {
            appendCount(formula, element.symbol(), count(element, all()));
        }
        return formula.toString();
    }

    private static void appendCount(StringBuilder formula, String symbol, int count) {
        if (count > 0) {
            formula.append(symbol);
            if (count > 1) {
                formula.append(count);
            }
        }
    }

    /** A V2000 molfile; its coordinates are a zigzag, not a drawing. */
    String molBlock(String title) {
        StringBuilder text = new StringBuilder(64 * (atoms.size() + bonds.size()));
        text.append(title).append("\n  Millrace synthetic 2D\n\n");
        text.append("%3d%3d  0  0  0  0  0  0  0  0999 V2000%n"
                .formatted(atoms.size(), bonds.size())
                .replace(System.lineSeparator(), "\n"));
        for (int atom = 0; atom < atoms.size(); atom++) {
            appendFixed(text, atom * 12990L);
            appendFixed(text, (atom % 2) * 7500L);
            text.append("    0.0000 ").append(atoms.get(atom).symbol());
            text.append(atoms.get(atom).symbol().length() == 1 ? "  " : " ");
            text.append(" 0  0  0  0  0  0  0  0  0  0  0  0\n");
        }
        for (Bond bond : bonds) {
            appendCell(text, bond.from() + 1);
            appendCell(text, bond.to() + 1);
            appendCell(text, bond.order());
            text.append("  0  0  0  0\n");
        }
        return text.append("M  END\n").toString();
    }

    /** Ten columns, four of them decimals. */
    private static void appendFixed(StringBuilder text, long tenThousandths) {
        String whole = Long.toString(tenThousandths / 10_000);
        String decimals = Long.toString(10_000 + tenThousandths % 10_000).substring(1);
        text.append(" ".repeat(5 - whole.length())).append(whole).append('.').append(decimals);
    }

    private static void appendCell(StringBuilder text, int value) {
        String digits = Integer.toString(value);
        text.append(" ".repeat(3 - digits.length())).append(digits);
    }
}
