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

    private final SmilesScanner in;
    private final Molecule molecule;

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
        this.in = new SmilesScanner(text);
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

    private void run() throws MoleculeFormatException {
        while (!in.atEnd()) {
            char c = in.peek();
            switch (c) {
                case '[' -> bracketAtom();
                case '(' -> {
                    if (previous < 0 || pendingOrder != NO_BOND) {
                        throw in.fault("misplaced '('");
                    }
                    if (branchDepth == branches.length) {
                        branches = Arrays.copyOf(branches, branchDepth * 2);
                    }
                    branches[branchDepth++] = previous;
                    in.skip(1);
                }
                case ')' -> {
                    if (branchDepth == 0 || pendingOrder != NO_BOND || in.peek(-1) == '(') {
                        throw in.fault("misplaced ')'");
                    }
                    previous = branches[--branchDepth];
                    in.skip(1);
                }
                case '.' -> {
                    if (previous < 0 || pendingOrder != NO_BOND || branchDepth > 0) {
                        throw in.fault("misplaced '.'");
                    }
                    previous = -1;
                    in.skip(1);
                }
                case '%', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> ringNumber();
                case '-', '=', '#', ':', '$', '~', '/', '\\', '<' -> bondSymbol(c);
                default -> organicAtom(c);
            }
        }
        if (pendingOrder != NO_BOND || branchDepth > 0 || previous < 0) {
            throw in.fault(branchDepth > 0 ? "unclosed branch" : "unfinished text");
        }
        String unclosed = rings.close();
        if (unclosed != null) {
            throw in.fault(unclosed);
        }
        specifyBonds();
        molecule.connect();
        if (anyChiral) {
            rings.orientCentres(startsFragment);
        }
    }

    private void bondSymbol(char c) throws MoleculeFormatException {
        if (previous < 0 || pendingOrder != NO_BOND) {
            throw in.fault("misplaced bond '" + c + "'");
        }
        pendingDirection = 0;
        pendingReversed = false;
        pendingExplicit = true;
        in.skip(1);
        switch (c) {
            case '-' -> {
                pendingOrder = Molecule.SINGLE;
                if (in.skipIf('>')) {
                    pendingOrder = Molecule.DATIVE;
                }
            }
            case '<' -> {
                if (!in.skipIf('-')) {
                    throw in.fault("expected '<-'");
                }
                pendingOrder = Molecule.DATIVE;
                pendingReversed = true;
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
                if (c == '\\') {
                    in.skipIf('\\');
                }
            }
        }
    }

    private void organicAtom(char c) throws MoleculeFormatException {
        char next = in.peek(1);
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
                    throw in.fault("unexpected '" + c + "'");
                }
                aromatic = true;
            }
        }
        in.skip(width);
        int atom = addAtom(number);
        molecule.aromatic[atom] = aromatic;
        attach(atom);
    }

    /** Atomic number of an aromatic symbol of one letter; -1 for any other character. */
    static int aromaticOrganic(char c) {
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
        in.skip(1);
        BracketAtom read = BracketAtom.read(in);
        int atom = addAtom(read.number());
        read.describe(molecule, atom);
        anyChiral |= read.chirality() != 0;
        attach(atom);
    }

    private void ringNumber() throws MoleculeFormatException {
        if (previous < 0) {
            throw in.fault("misplaced ring number");
        }
        int number;
        if (in.skipIf('%')) {
            number = percentNumber();
        } else {
            number = in.peek() - '0';
            in.skip(1);
        }
        int atom = previous;
        byte order = pendingOrder == NO_BOND || !pendingExplicit ? Molecule.UNSPECIFIED : pendingOrder;
        if (!rings.add(number, atom, order, pendingDirection)) {
            throw in.fault("more than " + RingClosures.MAX_NUMBERS + " ring numbers");
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
        if (in.skipIf('(')) {
            int number = in.number(-1);
            if (number < 0 || !in.skipIf(')')) {
                throw in.fault("expected '%(number)'");
            }
            return number;
        }
        if (!SmilesScanner.isDigit(in.peek()) || !SmilesScanner.isDigit(in.peek(1))) {
            throw in.fault("expected two digits after '%'");
        }
        int number = (in.peek() - '0') * 10 + (in.peek(1) - '0');
        in.skip(2);
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
