package dev.millrace.molecule;

import java.util.Arrays;

/**
 * One SMILES string to a {@link Molecule} that still needs {@link Perception}.
 *
 * <p>Our own rather than CDK's, because RDKit's bond order, chirality tags and bond directions depend on what a general
 * parser drops: the ring-closure <em>numbers</em>, which of the two closing digits carried the bond symbol, brackets, and
 * {@code @} on atoms that turn out not to be stereocentres. One pass, no recursion. One thread at a time; used once.
 *
 * <p>Bonds come out in RDKit's order: chain bonds as their second atom is read, then ring closures sorted by ring number,
 * in pairs.
 */
final class SmilesParser {
    private static final byte NO_BOND = -1;

    private final String text;
    private final Molecule molecule;
    private int position;

    /** Bond symbol read before the next atom or ring number; NO_BOND when none. */
    private byte pendingOrder = NO_BOND;

    private byte pendingDirection;
    private boolean pendingReversed;
    private boolean pendingExplicit;

    private int previous = -1;
    private int[] branches = new int[8];
    private int branchDepth;

    /** Atoms' degrees so far, chain bonds only: ring numbers after a branch need them. */
    private int[] chainDegree = new int[16];

    private boolean[] startsFragment = new boolean[16];

    private final RingClosures rings;

    private boolean anyChiral;

    private SmilesParser(String text) {
        this.text = text;
        int expected = Math.max(8, text.length() / 2);
        this.molecule = new Molecule(expected, expected + 2);
        this.rings = new RingClosures(molecule);
    }

    static Molecule parse(String smiles) throws MoleculeFormatException {
        if (smiles.isEmpty()) {
            throw new MoleculeFormatException("SMILES is empty: expected at least one atom");
        }
        if (smiles.length() > 20 * Molecule.MAX_ATOMS) {
            throw new MoleculeFormatException("SMILES is too long: expected at most " + 20 * Molecule.MAX_ATOMS
                    + " characters, found " + smiles.length());
        }
        SmilesParser parser = new SmilesParser(smiles);
        parser.run();
        return parser.molecule;
    }

    private MoleculeFormatException fault(String what) {
        return new MoleculeFormatException(
                "SMILES syntax: " + what + " at character " + (position + 1) + " of '" + abbreviated() + "'");
    }

    private String abbreviated() {
        return text.length() <= 120 ? text : text.substring(0, 117) + "...";
    }

    private void run() throws MoleculeFormatException {
        int length = text.length();
        while (position < length) {
            char c = text.charAt(position);
            switch (c) {
                case '[' -> bracketAtom();
                case '(' -> {
                    if (previous < 0 || pendingOrder != NO_BOND) {
                        throw fault("misplaced '('");
                    }
                    if (branchDepth == branches.length) {
                        branches = Arrays.copyOf(branches, branchDepth * 2);
                    }
                    branches[branchDepth++] = previous;
                    position++;
                }
                case ')' -> {
                    if (branchDepth == 0 || pendingOrder != NO_BOND || text.charAt(position - 1) == '(') {
                        throw fault("misplaced ')'");
                    }
                    previous = branches[--branchDepth];
                    position++;
                }
                case '.' -> {
                    if (previous < 0 || pendingOrder != NO_BOND || branchDepth > 0) {
                        throw fault("misplaced '.'");
                    }
                    previous = -1;
                    position++;
                }
                case '%', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> ringNumber();
                case '-', '=', '#', ':', '$', '~', '/', '\\', '<' -> bondSymbol(c);
                default -> organicAtom(c);
            }
        }
        if (pendingOrder != NO_BOND || branchDepth > 0 || previous < 0) {
            throw fault(branchDepth > 0 ? "unclosed branch" : "unfinished text");
        }
        String unclosed = rings.close();
        if (unclosed != null) {
            throw fault(unclosed);
        }
        specifyBonds();
        molecule.connect();
        if (anyChiral) {
            rings.orientCentres(startsFragment);
        }
    }

    private void bondSymbol(char c) throws MoleculeFormatException {
        if (previous < 0 || pendingOrder != NO_BOND) {
            throw fault("misplaced bond '" + c + "'");
        }
        pendingDirection = 0;
        pendingReversed = false;
        pendingExplicit = true;
        position++;
        switch (c) {
            case '-' -> {
                pendingOrder = Molecule.SINGLE;
                if (position < text.length() && text.charAt(position) == '>') {
                    pendingOrder = Molecule.DATIVE;
                    position++;
                }
            }
            case '<' -> {
                if (position >= text.length() || text.charAt(position) != '-') {
                    throw fault("expected '<-'");
                }
                pendingOrder = Molecule.DATIVE;
                pendingReversed = true;
                position++;
            }
            case '=' -> pendingOrder = Molecule.DOUBLE;
            case '#' -> pendingOrder = Molecule.TRIPLE;
            case '$' -> pendingOrder = Molecule.QUADRUPLE;
            case ':' -> pendingOrder = Molecule.AROMATIC;
            case '~' -> pendingOrder = Molecule.QUERY;
            default -> {
                // A direction does not settle the order: between aromatic atoms the bond is still aromatic.
                pendingOrder = Molecule.SINGLE;
                pendingDirection = c == '/' ? Molecule.UP : Molecule.DOWN;
                pendingExplicit = false;
                if (c == '\\' && position < text.length() && text.charAt(position) == '\\') {
                    position++;
                }
            }
        }
    }

    private void organicAtom(char c) throws MoleculeFormatException {
        char next = position + 1 < text.length() ? text.charAt(position + 1) : ' ';
        int number;
        boolean aromatic = false;
        int width = 1;
        switch (c) {
            case 'B' -> {
                number = next == 'r' ? 35 : 5;
                width = next == 'r' ? 2 : 1;
            }
            case 'C' -> {
                number = next == 'l' ? 17 : 6;
                width = next == 'l' ? 2 : 1;
            }
            case 'N' -> number = 7;
            case 'O' -> number = 8;
            case 'P' -> number = 15;
            case 'S' -> number = 16;
            case 'F' -> number = 9;
            case 'I' -> number = 53;
            case '*' -> number = 0;
            default -> {
                number = aromaticOrganic(c);
                if (number < 0) {
                    throw fault("unexpected '" + c + "'");
                }
                aromatic = true;
            }
        }
        position += width;
        int atom = addAtom(number);
        molecule.aromatic[atom] = aromatic;
        attach(atom);
    }

    private static int aromaticOrganic(char c) {
        return switch (c) {
            case 'b' -> 5;
            case 'c' -> 6;
            case 'n' -> 7;
            case 'o' -> 8;
            case 'p' -> 15;
            case 's' -> 16;
            default -> -1;
        };
    }

    private int addAtom(int number) throws MoleculeFormatException {
        if (molecule.atomCount >= Molecule.MAX_ATOMS) {
            throw new MoleculeFormatException("Molecule is too large: more than " + Molecule.MAX_ATOMS + " atoms");
        }
        int atom = molecule.addAtom(number);
        if (atom == chainDegree.length) {
            chainDegree = Arrays.copyOf(chainDegree, atom * 2);
            startsFragment = Arrays.copyOf(startsFragment, atom * 2);
        }
        return atom;
    }

    private void attach(int atom) {
        if (previous < 0) {
            startsFragment[atom] = true;
        } else {
            byte order = pendingOrder == NO_BOND || !pendingExplicit ? Molecule.UNSPECIFIED : pendingOrder;
            int bond =
                    pendingReversed ? molecule.addBond(atom, previous, order) : molecule.addBond(previous, atom, order);
            molecule.direction[bond] = pendingDirection;
            chainDegree[previous]++;
            chainDegree[atom]++;
        }
        previous = atom;
        clearPending();
    }

    private void clearPending() {
        pendingOrder = NO_BOND;
        pendingDirection = 0;
        pendingReversed = false;
        pendingExplicit = false;
    }

    private void bracketAtom() throws MoleculeFormatException {
        position++;
        int isotope = readNumber(-1);
        int atom = bracketSymbol();
        molecule.noImplicit[atom] = true;
        molecule.isotope[atom] = Math.max(isotope, 0);
        if (peek() == '@') {
            chirality(atom);
        }
        if (peek() == 'H') {
            position++;
            molecule.explicitHydrogens[atom] = readNumber(1);
        }
        molecule.charge[atom] = readCharge();
        if (peek() == ':') {
            position++;
            molecule.mapNumber[atom] = readNumber(0);
        }
        if (peek() != ']') {
            throw fault("expected ']'");
        }
        position++;
        attach(atom);
    }

    private char peek() {
        return position < text.length() ? text.charAt(position) : '\0';
    }

    private int readNumber(int absent) throws MoleculeFormatException {
        int start = position;
        int value = 0;
        while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
            value = value * 10 + (text.charAt(position++) - '0');
            if (value > 100_000) {
                throw fault("number too large");
            }
        }
        return position == start ? absent : value;
    }

    private int readCharge() throws MoleculeFormatException {
        char sign = peek();
        if (sign != '+' && sign != '-') {
            return 0;
        }
        int signs = 0;
        while (peek() == sign) {
            signs++;
            position++;
        }
        int size = signs == 1 ? readNumber(1) : signs;
        if (size > 100) {
            throw fault("charge too large");
        }
        return sign == '+' ? size : -size;
    }

    private int bracketSymbol() throws MoleculeFormatException {
        char c = peek();
        char next = position + 1 < text.length() ? text.charAt(position + 1) : '\0';
        if (c == '*') {
            position++;
            return addAtom(0);
        }
        if (c == '#') {
            position++;
            int number = readNumber(-1);
            if (number < 0 || number > Elements.COUNT) {
                throw fault("expected an atomic number after '#'");
            }
            return addAtom(number);
        }
        if (c >= 'A' && c <= 'Z') {
            if (next >= 'a' && next <= 'z') {
                int number = Elements.atomicNumber(text.substring(position, position + 2));
                if (number > 0) {
                    position += 2;
                    return addAtom(number);
                }
            }
            int number = Elements.atomicNumber(String.valueOf(c));
            if (number > 0) {
                position++;
                return addAtom(number);
            }
        } else {
            return aromaticBracketSymbol(c, next);
        }
        throw fault("unknown element");
    }

    private int aromaticBracketSymbol(char c, char next) throws MoleculeFormatException {
        int number = switch ("" + c + next) {
            case "si" -> 14;
            case "as" -> 33;
            case "se" -> 34;
            case "te" -> 52;
            default -> -1;
        };
        if (number > 0) {
            position += 2;
        } else {
            number = aromaticOrganic(c);
            if (number < 0) {
                throw fault("unknown element");
            }
            position++;
        }
        int atom = addAtom(number);
        molecule.aromatic[atom] = true;
        return atom;
    }

    private void chirality(int atom) throws MoleculeFormatException {
        anyChiral = true;
        position++;
        byte tag = Molecule.COUNTERCLOCKWISE;
        if (peek() == '@') {
            position++;
            tag = Molecule.CLOCKWISE;
        } else if (position + 1 < text.length() && Character.isUpperCase(text.charAt(position + 1))) {
            String kind = text.substring(position, position + 2);
            int permutation;
            switch (kind) {
                case "TH" -> {
                    position += 2;
                    permutation = readNumber(0);
                    tag = permutation == 2 ? Molecule.CLOCKWISE : Molecule.COUNTERCLOCKWISE;
                }
                case "AL", "SP", "TB", "OH" -> {
                    position += 2;
                    readNumber(0);
                    tag = Molecule.NON_TETRAHEDRAL;
                }
                default -> {
                    // An ordinary '@' before the hydrogen count.
                }
            }
        }
        molecule.chirality[atom] = tag;
    }

    private void ringNumber() throws MoleculeFormatException {
        if (previous < 0) {
            throw fault("misplaced ring number");
        }
        int number;
        if (peek() == '%') {
            position++;
            number = percentNumber();
        } else {
            number = text.charAt(position++) - '0';
        }
        int atom = previous;
        byte order = pendingOrder == NO_BOND || !pendingExplicit ? Molecule.UNSPECIFIED : pendingOrder;
        if (!rings.add(number, atom, order, pendingDirection)) {
            throw fault("more than " + RingClosures.MAX_NUMBERS + " ring numbers");
        }
        clearPending();
        if (molecule.isTetrahedral(atom) && atom != molecule.atomCount - 1) {
            // A ring number after a branch stands one place later in the text than where RDKit counts it.
            int degree = chainDegree[atom];
            if (degree == 1 || (degree == 2 && atom != 0) || (degree == 3 && atom == 0)) {
                molecule.invertChirality(atom);
            }
        }
    }

    private int percentNumber() throws MoleculeFormatException {
        if (peek() == '(') {
            position++;
            int number = readNumber(-1);
            if (number < 0 || peek() != ')') {
                throw fault("expected '%(number)'");
            }
            position++;
            return number;
        }
        if (position + 1 >= text.length()
                || !Character.isDigit(text.charAt(position))
                || !Character.isDigit(text.charAt(position + 1))) {
            throw fault("expected two digits after '%'");
        }
        int number = (text.charAt(position) - '0') * 10 + (text.charAt(position + 1) - '0');
        position += 2;
        return number;
    }

    private void specifyBonds() {
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            if (molecule.order[bond] == Molecule.UNSPECIFIED) {
                boolean aromatic = molecule.aromatic[molecule.begin[bond]] && molecule.aromatic[molecule.end[bond]];
                molecule.order[bond] = aromatic ? Molecule.AROMATIC : Molecule.SINGLE;
            }
            molecule.bondAromatic[bond] = molecule.order[bond] == Molecule.AROMATIC;
        }
    }
}
