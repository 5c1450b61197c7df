package dev.millrace.exafs;

import java.util.List;

/** χ(k) summed over paths, each with parameters of its own. Stateless. */
public final class PathSum {
    private PathSum() {}

    /**
     * A path and how it is taken.
     *
     * @param used false leaves it out: it adds zero
     */
    public record Term(FeffPath path, ChiParameters parameters, boolean used) {
        /** One that is used. */
        public Term(FeffPath path, ChiParameters parameters) {
            this(path, parameters, true);
        }
    }

    /**
     * The sum, in the order of the terms; zeros without any.
     *
     * @throws ArithmeticException as {@link ChiCalculator#calculate(FeffPath)}
     */
    public static PathChi of(List<Term> terms, KGrid grid) {
        double[] chi = new double[grid.size()];
        double[] imaginary = new double[grid.size()];
        ChiCalculator calculator = new ChiCalculator(ChiParameters.DEFAULT, grid);
        for (Term term : terms) {
            if (term.used()) {
                if (!term.parameters().equals(calculator.parameters())) {
                    calculator = new ChiCalculator(term.parameters(), grid);
                }
                PathChi one = calculator.calculate(term.path());
                for (int i = 0; i < chi.length; i++) {
                    chi[i] += one.chi()[i];
                    imaginary[i] += one.imaginary()[i];
                }
            }
        }
        return new PathChi(chi, imaginary);
    }
}
