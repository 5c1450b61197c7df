package dev.millrace.exafs;

/**
 * One path of a source, without its χ. Immutable.
 *
 * @param pathId its id in the database; 0 for a path file
 * @param frame of the trajectory
 * @param atomId of the absorbing atom
 * @param element symbol of the absorbing atom
 * @param number NNNN of feffNNNN.dat
 * @param type the atoms that it visits
 * @param degeneracy number of equivalent paths
 * @param reff half its length, Å
 */
public record PathEntry(
        long pathId,
        long frame,
        long atomId,
        String element,
        long number,
        PathType type,
        double degeneracy,
        double reff) {}
