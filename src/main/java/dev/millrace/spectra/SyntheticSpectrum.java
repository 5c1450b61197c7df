package dev.millrace.spectra;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * An electron-ionisation spectrum made by rule from a molecule: a caricature, but one in which structure decides.
 *
 * <pre>
 *   ions        the molecule; both sides of every single bond that holds two parts together; both sides of such a bond
 *               within those, weaker
 *   intensity   by the bond (weaker when more substituted or next to a hetero atom, carbonyl or ring) and by
 *               what stabilises the charge (nitrogen, oxygen, sulfur, aromatic rings)
 *   losses      H2O, NH3, CO, HCN, HF, HCl, HBr where the ion has the atoms for it
 *   isotopes    one 13C; 34S, 37Cl, 81Br
 * </pre>
 */
final class SyntheticSpectrum {
    private static final double ELECTRON_MASS = 0.000548579909;
    private static final double FAINTEST = 0.02;
    private static final double STRONGEST = 999;
    private static final int DECIMALS = 1000;
    private static final double LIGHTEST_ION = 14;

    private static final double MASS_13C = 1.0033548378;
    private static final double MASS_34S = 1.9957958;
    private static final double MASS_37CL = 1.9970500;
    private static final double MASS_81BR = 1.9979535;

    /** A neutral that leaves: what it takes from which element. */
    private record Loss(String name, double mass, SyntheticMolecule.Element from, int hydrogens, double share) {}

    private static final List<Loss> LOSSES = List.of(
            new Loss("H2O", 18.0105647, SyntheticMolecule.Element.O, 2, 0.35),
            new Loss("CO", 27.9949146, SyntheticMolecule.Element.O, 0, 0.22),
            new Loss("NH3", 17.0265491, SyntheticMolecule.Element.N, 3, 0.18),
            new Loss("HCN", 27.0108990, SyntheticMolecule.Element.N, 1, 0.20),
            new Loss("HF", 20.0062284, SyntheticMolecule.Element.F, 1, 0.30),
            new Loss("HCl", 35.9766778, SyntheticMolecule.Element.CL, 1, 0.45),
            new Loss("HBr", 79.9261622, SyntheticMolecule.Element.BR, 1, 0.50));

    private final SyntheticMolecule molecule;
    private final boolean[] inRing;
    private final int[] degree;
    private final Map<Long, Double> peaks = new TreeMap<>();

    private SyntheticSpectrum(SyntheticMolecule molecule) {
        this.molecule = molecule;
        this.inRing = new boolean[molecule.atoms().size()];
        this.degree = new int[molecule.atoms().size()];
    }

    /** The peaks of a molecule by ascending m/z; {@code random} adds what repeated measurements would differ by. */
    static Peaks of(SyntheticMolecule molecule, SplittableRandom random) {
        SyntheticSpectrum spectrum = new SyntheticSpectrum(molecule);
        spectrum.fragment();
        return spectrum.peaks(random);
    }

    private void fragment() {
        long all = molecule.all();
        List<SyntheticMolecule.Bond> bridges = new ArrayList<>();
        for (SyntheticMolecule.Bond bond : molecule.bonds()) {
            degree[bond.from()]++;
            degree[bond.to()]++;
            boolean ring = (molecule.component(bond.from(), all, bond) & 1L << bond.to()) != 0;
            inRing[bond.from()] |= ring;
            inRing[bond.to()] |= ring;
            if (!ring && bond.order() == 1) {
                bridges.add(bond);
            }
        }
        int rings = 0;
        for (boolean ring : inRing) {
            rings += ring ? 1 : 0;
        }
        ion(all, 0.08 + 0.06 * rings);
        for (SyntheticMolecule.Bond bond : bridges) {
            double weight = weight(bond);
            for (int side : new int[] {bond.from(), bond.to()}) {
                long part = molecule.component(side, all, bond);
                double share = weight * stability(part, side);
                ion(part, share);
                fragmentAgain(bridges, bond, part, share);
            }
        }
    }

    private void fragmentAgain(
            List<SyntheticMolecule.Bond> bridges, SyntheticMolecule.Bond first, long part, double share) {
        for (SyntheticMolecule.Bond bond : bridges) {
            boolean inside = (part & 1L << bond.from()) != 0 && (part & 1L << bond.to()) != 0;
            if (inside && !bond.equals(first)) {
                for (int side : new int[] {bond.from(), bond.to()}) {
                    long smaller = molecule.component(side, part, bond);
                    ion(smaller, 0.12 * share * weight(bond) * stability(smaller, side));
                }
            }
        }
    }

    /** How easily a bond breaks. */
    private double weight(SyntheticMolecule.Bond bond) {
        double weight = 0.2;
        for (int atom : new int[] {bond.from(), bond.to()}) {
            weight += 0.1 * degree[atom];
            weight += molecule.atoms().get(atom) == SyntheticMolecule.Element.C ? 0 : 0.25;
            weight -= inRing[atom] ? 0.15 : 0;
        }
        return Math.max(weight, 0.1);
    }

    /** How well a part carries the charge at the atom where the bond was. */
    private double stability(long part, int atom) {
        double stability = 0.3 + 0.15 * degree[atom];
        for (SyntheticMolecule.Bond bond : molecule.bonds()) {
            if (bond.from() == atom || bond.to() == atom) {
                int next = bond.from() == atom ? bond.to() : bond.from();
                if ((part & 1L << next) != 0) {
                    stability += switch (molecule.atoms().get(next)) {
                        case N -> 1.2;
                        case O -> 0.7;
                        case S -> 0.6;
                        case C -> inRing[next] ? 0.6 : 0.1;
                        case F, CL, BR -> 0;
                    };
                }
            }
        }
        return switch (molecule.atoms().get(atom)) {
            case C -> stability;
            case N -> 0.6 * stability;
            case O, S -> 0.25 * stability;
            case F, CL, BR -> 0.02;
        };
    }

    private void ion(long part, double intensity) {
        double mass = molecule.mass(part);
        isotopes(part, mass, intensity);
        int hydrogens = molecule.hydrogens(part);
        for (Loss loss : LOSSES) {
            if (molecule.count(loss.from(), part) > 0
                    && hydrogens > loss.hydrogens()
                    && mass > loss.mass() + 2 * LIGHTEST_ION) {
                add(mass - loss.mass(), intensity * loss.share());
            }
        }
    }

    private void isotopes(long part, double mass, double intensity) {
        add(mass, intensity);
        add(mass + MASS_13C, intensity * 0.0108 * molecule.count(SyntheticMolecule.Element.C, part));
        add(mass + MASS_34S, intensity * 0.045 * molecule.count(SyntheticMolecule.Element.S, part));
        add(mass + MASS_37CL, intensity * 0.32 * molecule.count(SyntheticMolecule.Element.CL, part));
        add(mass + MASS_81BR, intensity * 0.973 * molecule.count(SyntheticMolecule.Element.BR, part));
    }

    private void add(double mass, double intensity) {
        if (intensity > 0 && mass >= LIGHTEST_ION) {
            peaks.merge(Math.round((mass - ELECTRON_MASS) * DECIMALS), intensity, Double::sum);
        }
    }

    private Peaks peaks(SplittableRandom random) {
        peaks.replaceAll((mass, intensity) -> intensity * (0.9 + 0.2 * random.nextDouble()));
        double base =
                peaks.values().stream().mapToDouble(Double::doubleValue).max().orElse(1);
        peaks.values().removeIf(intensity -> intensity < FAINTEST * base);
        double[] masses = new double[peaks.size()];
        double[] intensities = new double[peaks.size()];
        int next = 0;
        for (Map.Entry<Long, Double> peak : peaks.entrySet()) {
            masses[next] = peak.getKey() / (double) DECIMALS;
            intensities[next++] = Math.max(1, Math.rint(STRONGEST * peak.getValue() / base));
        }
        return Peaks.of(masses, intensities);
    }
}
