package dev.millrace.molecule;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One MOL block, V2000 or V3000, to a {@link Molecule} that still needs {@link Perception}; lines after {@code M  END} are
 * not looked at. One thread at a time; used once.
 */
final class MolfileParser {
    /** A charge line or radical line voids the charges of the atom lines. */
    private boolean chargesReset;

    private final List<String> lines;
    private final Molecule molecule;
    private final CtabBuilder ctab;
    private boolean markedSpatial;
    private final int declaredAtoms;
    private final int declaredBonds;
    private int at;

    private MolfileParser(List<String> lines, int atoms, int bonds) {
        this.lines = lines;
        this.declaredAtoms = atoms;
        this.declaredBonds = bonds;
        this.ctab = new CtabBuilder(atoms, bonds);
        this.molecule = ctab.molecule;
    }

    static Molecule parse(String text) throws MoleculeFormatException {
        return parse(text.lines().toList());
    }

    static Molecule parse(List<String> lines) throws MoleculeFormatException {
        if (lines.size() < 4) {
            throw new MoleculeFormatException(
                    "MOL block is cut off: expected a counts line in line 4", Math.max(1, lines.size()));
        }
        String counts = lines.get(3);
        boolean extended = (counts.length() > 34 && counts.startsWith("V3000", 34)) || counts.contains("V3000");
        int atoms = extended ? 0 : field(counts, 0, 3, 4);
        int bonds = extended ? 0 : field(counts, 3, 6, 4);
        if (extended) {
            int[] size = extendedCounts(lines);
            atoms = size[0];
            bonds = size[1];
        }
        if (atoms < 0 || bonds < 0 || atoms > Molecule.MAX_ATOMS || bonds > 2 * Molecule.MAX_ATOMS) {
            throw new MoleculeFormatException(
                    "Molecule is too large: expected at most " + Molecule.MAX_ATOMS + " atoms, found " + atoms
                            + " atoms and " + bonds + " bonds",
                    4);
        }
        if (atoms > lines.size() || bonds > lines.size()) {
            throw new MoleculeFormatException(
                    "MOL block is cut off: expected " + atoms + " atoms and " + bonds + " bonds, found " + lines.size()
                            + " lines",
                    lines.size());
        }
        MolfileParser parser = new MolfileParser(lines, atoms, bonds);
        String header = lines.get(1);
        parser.markedSpatial = header.length() >= 22 && header.regionMatches(true, 20, "3D", 0, 2);
        if (extended) {
            parser.readExtended();
        } else {
            parser.readFixed(atoms, bonds);
        }
        return parser.ctab.finish(lines.get(0).strip(), parser.markedSpatial);
    }

    private static int[] extendedCounts(List<String> lines) throws MoleculeFormatException {
        for (int i = 4; i < lines.size(); i++) {
            String[] words = lines.get(i).strip().split("\\s+", -1);
            if (words.length >= 5 && words[1].equals("V30") && words[2].equals("COUNTS")) {
                return new int[] {number(words[3], i + 1), number(words[4], i + 1)};
            }
        }
        throw new MoleculeFormatException("MOL block V3000 has no COUNTS line", lines.size());
    }

    private MoleculeFormatException fault(String what) {
        return new MoleculeFormatException(what, at + 1L);
    }

    private String line() throws MoleculeFormatException {
        if (at >= lines.size()) {
            throw new MoleculeFormatException(
                    "MOL block is cut off: expected more lines before 'M  END'", lines.size());
        }
        return lines.get(at);
    }

    private static int number(String text, long line) throws MoleculeFormatException {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException notNumber) {
            throw new MoleculeFormatException("MOL block: expected a whole number, found '" + shown(text) + "'", line);
        }
    }

    static String shown(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }

    /** A right-aligned number in fixed columns; blank and missing columns are 0. */
    private static int field(String line, int from, int to, long lineNumber) throws MoleculeFormatException {
        int value = 0;
        boolean negative = false;
        boolean digits = false;
        int stop = Math.min(to, line.length());
        for (int i = from; i < stop; i++) {
            char c = line.charAt(i);
            if (c >= '0' && c <= '9') {
                value = value * 10 + (c - '0');
                digits = true;
            } else if (c == '-' && !digits) {
                negative = true;
            } else if (c != ' ' && (c != '+' || digits)) {
                throw new MoleculeFormatException(
                        "MOL block: expected a whole number in columns " + (from + 1) + "-" + to + ", found '"
                                + shown(line.substring(from, stop)) + "'",
                        lineNumber);
            }
        }
        return negative ? -value : value;
    }

    private double coordinate(String text) throws MoleculeFormatException {
        try {
            double value = Double.parseDouble(text.strip());
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException notNumber) {
            // Reported below.
        }
        throw fault("MOL block: expected a coordinate, found '" + shown(text) + "'");
    }

    private void readFixed(int atoms, int bonds) throws MoleculeFormatException {
        at = 4;
        for (int i = 0; i < atoms; i++, at++) {
            fixedAtom(line());
        }
        for (int i = 0; i < bonds; i++, at++) {
            fixedBond(line());
        }
        for (; ; at++) {
            String line = line();
            if (line.startsWith("M  END")) {
                return;
            }
            if (line.startsWith("M  ")) {
                property(line);
            } else if (line.startsWith("A  ") || line.startsWith("G  ")) {
                at++;
            } else if (line.startsWith("S  SKP")) {
                at += Math.max(0, field(line, 6, 9, at + 1L));
            } else if (line.startsWith("$$$$") || line.startsWith(">")) {
                throw fault("MOL block has no 'M  END'");
            }
        }
    }

    private void fixedAtom(String line) throws MoleculeFormatException {
        if (line.length() < 32) {
            throw fault("MOL block: expected an atom line of at least 32 columns, found '" + shown(line) + "'");
        }
        int atom = ctab.addAtom(line.substring(31, Math.min(34, line.length())).strip(), at + 1L);
        ctab.coordinates[3 * atom] = coordinate(line.substring(0, 10));
        ctab.coordinates[3 * atom + 1] = coordinate(line.substring(10, 20));
        ctab.coordinates[3 * atom + 2] = coordinate(line.substring(20, 30));
        int massDifference = field(line, 34, 36, at + 1L);
        if (massDifference != 0 && molecule.isotope[atom] == 0) {
            molecule.isotope[atom] = Math.max(0, Elements.commonIsotope(molecule.atomicNumber[atom]) + massDifference);
        }
        int charge = field(line, 36, 39, at + 1L);
        if (charge != 0) {
            molecule.charge[atom] = 4 - charge;
        }
        if (field(line, 42, 45, at + 1L) >= 1) {
            molecule.noImplicit[atom] = true;
        }
        ctab.totalValence[atom] = field(line, 48, 51, at + 1L);
    }

    private void fixedBond(String line) throws MoleculeFormatException {
        int from = field(line, 0, 3, at + 1L);
        int to = field(line, 3, 6, at + 1L);
        int type = field(line, 6, 9, at + 1L);
        int stereo = field(line, 9, 12, at + 1L);
        byte drawn = switch (stereo) {
            case 1 -> Molecule.WEDGE_UP;
            case 6 -> Molecule.WEDGE_DOWN;
            case 3, 4 -> Molecule.WEDGE_UNKNOWN;
            default -> Molecule.WEDGE_NONE;
        };
        ctab.addBond(from - 1, to - 1, type, drawn, at + 1L);
    }

    private void property(String line) throws MoleculeFormatException {
        String kind = line.length() >= 6 ? line.substring(3, 6) : "";
        switch (kind) {
            case "CHG", "RAD", "ISO", "ZCH", "HYD", "ZBO" -> {
                int count = field(line, 6, 9, at + 1L);
                if (count < 0 || count > 99) {
                    throw fault("MOL block: expected a count in columns 7-9, found " + count);
                }
                if (!chargesReset && (kind.equals("CHG") || kind.equals("RAD"))) {
                    chargesReset = true;
                    Arrays.fill(molecule.charge, 0, molecule.atomCount, 0);
                }
                for (int i = 0; i < count; i++) {
                    int index = field(line, 9 + 8 * i, 13 + 8 * i, at + 1L) - 1;
                    int value = field(line, 13 + 8 * i, 17 + 8 * i, at + 1L);
                    int limit = kind.equals("ZBO") ? molecule.bondCount : molecule.atomCount;
                    if (index < 0 || index >= limit) {
                        throw fault(
                                "MOL block: 'M  " + kind + "' names entry " + (index + 1) + ", expected 1.." + limit);
                    }
                    apply(kind, index, value);
                }
            }
            default -> {
                // Display, groups and queries do not change the features.
            }
        }
    }

    private void apply(String kind, int index, int value) throws MoleculeFormatException {
        switch (kind) {
            case "CHG", "ZCH" -> molecule.charge[index] = value;
            case "RAD" -> ctab.radical(index, value, at + 1L);
            case "ISO" -> molecule.isotope[index] = Math.max(0, value);
            case "HYD" -> {
                molecule.noImplicit[index] = true;
                molecule.explicitHydrogens[index] = Math.max(0, value);
            }
            default -> {
                if (value == 0) {
                    molecule.order[index] = Molecule.ZERO;
                }
            }
        }
    }

    private void readExtended() throws MoleculeFormatException {
        Map<Integer, Integer> atomOf = new HashMap<>();
        boolean inAtoms = false;
        boolean inBonds = false;
        for (at = 4; ; at++) {
            String line = line();
            if (line.startsWith("M  END")) {
                return;
            }
            if (!line.startsWith("M  V30 ")) {
                if (line.startsWith("$$$$") || line.startsWith(">")) {
                    throw fault("MOL block has no 'M  END'");
                }
                continue;
            }
            String content = continued(line.substring(7)).strip();
            switch (content) {
                case "BEGIN ATOM" -> inAtoms = true;
                case "END ATOM" -> inAtoms = false;
                case "BEGIN BOND" -> inBonds = true;
                case "END BOND" -> inBonds = false;
                default -> {
                    if (inAtoms) {
                        extendedAtom(content, atomOf);
                    } else if (inBonds) {
                        extendedBond(content, atomOf);
                    }
                }
            }
        }
    }

    /** Joins a line that ends in a hyphen with the next ones. */
    private String continued(String content) throws MoleculeFormatException {
        if (!content.endsWith("-")) {
            return content;
        }
        StringBuilder joined = new StringBuilder(content);
        while (joined.length() > 0 && joined.charAt(joined.length() - 1) == '-') {
            joined.setLength(joined.length() - 1);
            at++;
            String next = line();
            if (!next.startsWith("M  V30 ") || joined.length() > 100_000) {
                throw fault("MOL block V3000: expected the continuation of a line");
            }
            joined.append(next, 7, next.length());
        }
        return joined.toString();
    }

    private void extendedAtom(String content, Map<Integer, Integer> atomOf) throws MoleculeFormatException {
        String[] words = content.split("\\s+", -1);
        if (words.length < 5 || molecule.atomCount >= declaredAtoms) {
            throw fault("MOL block V3000: expected 'index type x y z map', found '" + shown(content) + "'");
        }
        int atom = ctab.addAtom(words[1].replace("\"", ""), at + 1L);
        if (atomOf.put(number(words[0], at + 1L), atom) != null) {
            throw fault("MOL block V3000: atom " + shown(words[0]) + " appears twice");
        }
        for (int i = 0; i < 3; i++) {
            ctab.coordinates[3 * atom + i] = coordinate(words[2 + i]);
        }
        for (int i = 5; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals < 0) {
                continue;
            }
            String value = words[i].substring(equals + 1);
            switch (words[i].substring(0, equals)) {
                case "CHG" -> molecule.charge[atom] = bounded(value, 100);
                case "RAD" -> ctab.radical(atom, bounded(value, 3), at + 1L);
                case "MASS" -> molecule.isotope[atom] = Math.max(0, bounded(value, 999));
                case "VAL" -> ctab.totalValence[atom] = bounded(value, 99);
                case "HCOUNT" -> molecule.noImplicit[atom] |= bounded(value, 99) != 0;
                default -> {
                    // Attachment points, configuration and the like do not change the features.
                }
            }
        }
    }

    private int bounded(String text, int limit) throws MoleculeFormatException {
        int value = number(text, at + 1L);
        if (Math.abs(value) > limit) {
            throw fault("MOL block: expected a number from -" + limit + " to " + limit + ", found " + value);
        }
        return value;
    }

    private void extendedBond(String content, Map<Integer, Integer> atomOf) throws MoleculeFormatException {
        String[] words = content.split("\\s+", -1);
        if (words.length < 4 || molecule.bondCount >= declaredBonds) {
            throw fault("MOL block V3000: expected 'index type atom1 atom2', found '" + shown(content) + "'");
        }
        byte drawn = Molecule.WEDGE_NONE;
        for (int i = 4; i < words.length; i++) {
            drawn = switch (words[i]) {
                case "CFG=1" -> Molecule.WEDGE_UP;
                case "CFG=3" -> Molecule.WEDGE_DOWN;
                case "CFG=2" -> Molecule.WEDGE_UNKNOWN;
                default -> drawn;
            };
        }
        Integer from = atomOf.get(number(words[2], at + 1L));
        Integer to = atomOf.get(number(words[3], at + 1L));
        if (from == null || to == null) {
            throw fault("MOL block V3000: bond to an atom that is not there: '" + shown(content) + "'");
        }
        ctab.addBond(from, to, number(words[1], at + 1L), drawn, at + 1L);
    }
}
