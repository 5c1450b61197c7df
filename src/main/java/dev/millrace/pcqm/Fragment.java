package dev.millrace.pcqm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A piece of a synthetic molecule, written as SMILES with places for more. Immutable.
 *
 * <pre>
 *   {@code *}     a place where another piece may be attached by a single bond
 *   {@code ^}     such a place only where the piece comes first; a piece without one never comes first
 *   {@code Q}     a carbon that gets a stereo mark when it has enough neighbours
 *   {@code / \}   the direction of the bond of the piece itself (at the start) or of a place (before its star)
 * </pre>
 */
final class Fragment {
    /**
     * An atom.
     *
     * @param element its symbol, capital first
     * @param pi whether it has a multiple or aromatic bond
     */
    record Atom(String element, boolean pi) {
        boolean carbon() {
            return element.equals("C");
        }
    }

    /** Something to write. */
    sealed interface Part {}

    /** As it is. */
    record Text(byte[] bytes) implements Part {}

    /** A ring closure, counted within the piece from 0. */
    record Ring(int number) implements Part {}

    /**
     * What is attached here, if anything.
     *
     * @param number counted within the piece from 0
     * @param atom the atom that it is attached to
     * @param direction of that bond: 0, / or \
     * @param last whether nothing of the piece follows, so that no parentheses are needed
     * @param onlyFirst whether it is there only when the molecule begins with this piece
     */
    record Place(int number, int atom, byte direction, boolean last, boolean onlyFirst) implements Part {}

    /** A carbon whose places are {@code places} from {@code firstPlace} on. */
    record Centre(int atom, int firstPlace, int places) implements Part {}

    /** The direction of the bond that attaches the piece. */
    record Direction(byte mark) implements Part {}

    static final List<Fragment> ALL = FragmentTable.ROWS.stream()
            .map(row ->
                    parse(row.substring(row.indexOf(' ') + 1), Integer.parseInt(row.substring(0, row.indexOf(' ')))))
            .toList();

    /** What fills a molecule up to its size. */
    static final Fragment CARBON = ALL.get(0);

    private static final int[] ENDS = ends(false);
    private static final int[] FIRST_ENDS = ends(true);

    /** One of all pieces, by their shares. */
    static Fragment drawn(Draws draws, boolean first) {
        int[] ends = first ? FIRST_ENDS : ENDS;
        int point = draws.below(ends[ends.length - 1]);
        int position = Arrays.binarySearch(ends, point + 1);
        return ALL.get(position < 0 ? -position - 1 : firstOf(ends, position));
    }

    private static int firstOf(int[] ends, int position) {
        int at = position;
        while (at > 0 && ends[at - 1] == ends[at]) {
            at--;
        }
        return at;
    }

    private static int[] ends(boolean first) {
        int[] ends = new int[ALL.size()];
        int sum = 0;
        for (int i = 0; i < ends.length; i++) {
            Fragment fragment = ALL.get(i);
            sum += !first || fragment.first ? fragment.weight : 0;
            ends[i] = sum;
        }
        return ends;
    }

    /** Its share among all pieces. */
    final int weight;

    /** Whether a molecule may begin with it. */
    final boolean first;

    /** In the order written; the first one is attached. */
    final List<Atom> atoms;

    /** Two positions of atoms each. */
    final int[] bonds;

    final List<Place> places;

    /** How many ring closure numbers it needs. */
    final int rings;

    /** What to write. */
    final List<Part> parts;

    private Fragment(int weight, Parser read) {
        this.weight = weight;
        this.first = read.first;
        this.atoms = IntStream.range(0, read.elements.size())
                .mapToObj(i -> new Atom(read.elements.get(i), read.pi.get(i)))
                .toList();
        this.bonds = read.bonds.stream().mapToInt(Integer::intValue).toArray();
        this.places = List.copyOf(read.places);
        this.rings = read.rings;
        this.parts = List.copyOf(read.parts);
    }

    /** Bonds of an atom within the piece. */
    int degree(int atom) {
        int degree = 0;
        for (int end : bonds) {
            degree += end == atom ? 1 : 0;
        }
        return degree;
    }

    /** The direction of the bond that attaches this piece: 0, / or \. */
    byte direction() {
        return parts.get(0) instanceof Direction direction ? direction.mark : 0;
    }

    static Fragment parse(String template, int weight) {
        Parser parser = new Parser(template);
        parser.read();
        return new Fragment(weight, parser);
    }

    /** Reads one template. */
    private static final class Parser {
        private final String template;
        private final List<String> elements = new ArrayList<>();
        private final List<Boolean> pi = new ArrayList<>();
        private final List<Integer> bonds = new ArrayList<>();
        private final List<Place> places = new ArrayList<>();
        private final List<Part> parts = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private final Deque<Integer> branches = new ArrayDeque<>();
        private final Map<Character, Integer> open = new HashMap<>();
        private int previous = -1;
        private boolean multiple;
        private int rings;
        private boolean first;

        Parser(String template) {
            this.template = template;
        }

        void read() {
            for (int at = 0; at < template.length(); at++) {
                at = one(at);
            }
            flush();
        }

        /** Takes what begins at a position; returns the position of its last character. */
        private int one(int at) {
            char letter = template.charAt(at);
            switch (letter) {
                case '(' -> {
                    branches.push(previous);
                    text.append(letter);
                }
                case ')' -> {
                    previous = branches.pop();
                    text.append(letter);
                }
                case '=', '#' -> {
                    multiple = true;
                    text.append(letter);
                }
                case '/', '\\' -> {
                    if (at == 0) {
                        parts.add(new Direction((byte) letter));
                    } else if (template.charAt(at + 1) != '*') {
                        text.append(letter);
                    }
                }
                case '*', '^' -> place(at, letter == '^');
                case '1', '2', '3' -> ring(letter);
                case 'Q' -> centre(at);
                default -> {
                    return atom(at);
                }
            }
            return at;
        }

        private void place(int at, boolean onlyFirst) {
            char before = template.charAt(at - 1);
            first |= onlyFirst;
            flush();
            byte direction = before == '/' || before == '\\' ? (byte) before : 0;
            Place place = new Place(places.size(), previous, direction, at == template.length() - 1, onlyFirst);
            parts.add(place);
            places.add(place);
        }

        private void ring(char digit) {
            Integer from = open.remove(digit);
            if (from == null) {
                open.put(digit, previous);
                rings = Math.max(rings, digit - '0');
            } else {
                bond(from, previous);
            }
            flush();
            parts.add(new Ring(digit - '1'));
        }

        private void centre(int at) {
            flush();
            add("C", false);
            int end = at + 1;
            while (end < template.length() && "*^".indexOf(template.charAt(end)) >= 0) {
                end++;
            }
            parts.add(new Centre(previous, places.size(), end - at - 1));
        }

        private int atom(int at) {
            int end = at + 1;
            char letter = template.charAt(at);
            if (letter == '[') {
                end = template.indexOf(']', at) + 1;
            } else if (template.startsWith("Cl", at) || template.startsWith("Br", at)) {
                end = at + 2;
            }
            String written = template.substring(at, end);
            String symbol = written.replaceAll("[^A-Za-z]", "").replaceAll("H\\d?$", "");
            text.append(written);
            add(
                    symbol.substring(0, 1).toUpperCase(Locale.ROOT) + symbol.substring(1),
                    Character.isLowerCase(symbol.charAt(0)));
            return end - 1;
        }

        private void add(String element, boolean aromatic) {
            int atom = elements.size();
            elements.add(element);
            pi.add(aromatic || multiple);
            if (previous >= 0) {
                bond(previous, atom);
            }
            previous = atom;
            multiple = false;
        }

        private void bond(int from, int to) {
            bonds.add(from);
            bonds.add(to);
            if (multiple) {
                pi.set(from, true);
            }
        }

        private void flush() {
            if (!text.isEmpty()) {
                parts.add(new Text(text.toString().getBytes(StandardCharsets.US_ASCII)));
                text.setLength(0);
            }
        }
    }
}
