package dev.millrace.exafs;

/**
 * χ of one path. Immutable by agreement: arrays are not copied.
 *
 * @param chi χ(k), one value for each k of the grid
 * @param imaginary the other quadrature, −Re of the complex sum whose imaginary part χ is
 */
public record PathChi(double[] chi, double[] imaginary) {}
