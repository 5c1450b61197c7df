package dev.millrace.exafs;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a feffNNNN.dat file says of one scattering path. Immutable.
 *
 * @param title first title line, without the version; empty if there is none
 * @param version of FEFF, as printed: {@code Feff 8.50L}; empty if it is not told
 * @param shell {@code K}, {@code L1}, {@code L2}, {@code L3}, …
 * @param degeneracy number of equivalent paths
 * @param halfLength reff, half the length of the path, Å
 * @param normanRadius rnrmav, bohr
 * @param edge energy of the edge relative to the Fermi level as FEFF prints it, eV
 * @param coreHoleWidth Gam_ch, eV
 * @param exchange model of exchange, {@code H-L exch}
 * @param chemicalPotential Mu, eV
 * @param fermiMomentum kf, Å⁻¹
 * @param interstitialPotential Vint, eV
 * @param interstitialRadius Rs_int, bohr
 * @param potentials the absorber's first
 * @param atoms the absorber first; the last leg leads back to it
 * @param arrays the seven columns
 */
public record FeffPath(
        String title,
        String version,
        String shell,
        double degeneracy,
        double halfLength,
        double normanRadius,
        double edge,
        double coreHoleWidth,
        String exchange,
        double chemicalPotential,
        double fermiMomentum,
        double interstitialPotential,
        double interstitialRadius,
        List<Potential> potentials,
        List<PathAtom> atoms,
        FeffArrays arrays) {
    /**
     * One of FEFF's unique potentials.
     *
     * @param index 0 is the absorber
     * @param muffinTinRadius Å
     * @param normanRadius Å
     */
    public record Potential(int index, int atomicNumber, double muffinTinRadius, double normanRadius) {}

    public FeffPath {
        potentials = List.copyOf(potentials);
        atoms = List.copyOf(atoms);
    }

    /** Number of legs, which is the number of atoms: 2 for single scattering. */
    public int legCount() {
        return atoms.size();
    }

    public PathAtom absorber() {
        return atoms.get(0);
    }

    /** Labels of the atoms joined by dashes, absorber first, without the way back: {@code U-O-O}. */
    public String pathType() {
        return atoms.stream().map(PathAtom::label).collect(Collectors.joining("-"));
    }
}
