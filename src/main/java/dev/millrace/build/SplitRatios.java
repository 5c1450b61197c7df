package dev.millrace.build;

import dev.millrace.Internal;

/**
 * Shares of training, validation and test samples; they add up to 1. Immutable.
 *
 * @param train more than 0
 * @param validation at least 0
 * @param test at least 0
 */
public record SplitRatios(double train, double validation, double test) {
    private static final double TOLERANCE = 1e-6;

    public SplitRatios {
        boolean shares = train > 0 && train <= 1 && validation >= 0 && validation <= 1 && test >= 0 && test <= 1;
        if (!shares || Math.abs(train + validation + test - 1) > TOLERANCE) {
            throw new IllegalArgumentException("Split ratios: expected three shares that add up to 1, found " + train
                    + "," + validation + "," + test + ".");
        }
    }

    /** 0.8, 0.1, 0.1. */
    public static SplitRatios defaults() {
        return new SplitRatios(0.8, 0.1, 0.1);
    }

    /**
     * Reads {@code 0.8,0.1,0.1}.
     *
     * @throws IllegalArgumentException if the text is no three shares
     */
    public static SplitRatios parse(String text) {
        String[] parts = text.split(",", -1);
        try {
            if (parts.length == 3) {
                return new SplitRatios(
                        Double.parseDouble(parts[0].strip()),
                        Double.parseDouble(parts[1].strip()),
                        Double.parseDouble(parts[2].strip()));
            }
        } catch (NumberFormatException e) {
            // Reported below, as any other text that is not three numbers.
        }
        throw new IllegalArgumentException(
                "Split ratios: expected three numbers like 0.8,0.1,0.1, found '" + text + "'.");
    }

    /**
     * How many of some more samples each split should get, for all together to have these shares as nearly as can be when none
     * moves: what each lacks, in proportion.
     *
     * @param more samples to be divided, at least 1
     * @param inTrain samples that are in train
     * @return for train, validation and test; fractions, which add up to {@code more}
     */
    @Internal
    public double[] divide(long more, long inTrain, long inValidation, long inTest) {
        double all = (double) more + inTrain + inValidation + inTest;
        double[] lacking = {
            Math.max(0, train * all - inTrain),
            Math.max(0, validation * all - inValidation),
            Math.max(0, test * all - inTest)
        };
        double sum = lacking[0] + lacking[1] + lacking[2];
        for (int i = 0; i < lacking.length; i++) {
            lacking[i] = more * lacking[i] / sum;
        }
        return lacking;
    }

    @Override
    public String toString() {
        return train + "," + validation + "," + test;
    }
}
