package dev.millrace.pcqm;

import dev.millrace.batch.Permutation;
import dev.millrace.build.SplitRatios;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which molecule is in which split: a function of its record number and idx alone. Immutable, thread-safe. */
sealed interface PcqmSplits {
    String TRAIN = "train";
    String VALIDATION = "val";
    String TEST = "test";
    String TEST_DEV = "test-dev";
    String TEST_CHALLENGE = "test-challenge";

    /** Names in the order in which a file has them. */
    List<String> names();

    /** The split of a molecule; null if it is in none and so is left out. */
    @Nullable
    String of(long record, long idx);

    /** The data set's own: ranges of idx. What is beyond the last range belongs to it, so that larger inputs work. */
    record Own() implements PcqmSplits {
        static final long FIRST_VALIDATION = 3_378_606;
        static final long FIRST_TEST_DEV = 3_452_151;
        static final long FIRST_TEST_CHALLENGE = 3_599_188;

        @Override
        public List<String> names() {
            return List.of(TRAIN, VALIDATION, TEST_DEV, TEST_CHALLENGE);
        }

        @Override
        public String of(long record, long idx) {
            if (idx < FIRST_VALIDATION) {
                return TRAIN;
            }
            return idx < FIRST_TEST_DEV ? VALIDATION : idx < FIRST_TEST_CHALLENGE ? TEST_DEV : TEST_CHALLENGE;
        }
    }

    /** Shares of exact size, dealt out by a seeded permutation of the record numbers. */
    final class Ratios implements PcqmSplits {
        private final Permutation order;
        private final int taken;
        private final int firstValidation;
        private final int firstTest;

        /**
         * Divides the first {@code taken} records of a random order.
         *
         * @param taken how many of the records to take; the others are left out
         */
        Ratios(int records, int taken, SplitRatios ratios, long seed) {
            this.order = new Permutation(records, seed, 0);
            this.taken = taken;
            this.firstValidation = (int) Math.round(ratios.train() * taken);
            this.firstTest = ratios.test() == 0
                    ? taken
                    : (int) Math.min(taken, Math.round((ratios.train() + ratios.validation()) * taken));
        }

        /**
         * Divides them so that, with those that each split has already, all together have their shares.
         *
         * @param there molecules by split
         * @param stream another order for each addition
         */
        Ratios(int records, int taken, Map<String, Long> there, SplitRatios ratios, long seed, int stream) {
            this.order = new Permutation(records, seed, stream);
            this.taken = taken;
            double[] more = ratios.divide(
                    taken,
                    there.getOrDefault(TRAIN, 0L),
                    there.getOrDefault(VALIDATION, 0L),
                    there.getOrDefault(TEST, 0L));
            this.firstValidation = (int) Math.round(more[0]);
            this.firstTest = more[2] == 0 ? taken : (int) Math.min(taken, Math.round(more[0] + more[1]));
        }

        @Override
        public List<String> names() {
            return List.of(TRAIN, VALIDATION, TEST);
        }

        @Override
        public @Nullable String of(long record, long idx) {
            int rank = order.at((int) record);
            if (rank >= taken) {
                return null;
            }
            return rank < firstValidation ? TRAIN : rank < firstTest ? VALIDATION : TEST;
        }
    }

    /** What a file says, by idx. */
    final class Listed implements PcqmSplits {
        private final List<String> names;
        private final byte[] splitOf;

        /**
         * Takes a table.
         *
         * @param names at most 127
         * @param splitOf by idx: position in {@code names} plus 1, or 0 for none
         */
        Listed(List<String> names, byte[] splitOf) {
            this.names = List.copyOf(names);
            this.splitOf = Arrays.copyOf(splitOf, splitOf.length);
        }

        @Override
        public List<String> names() {
            return names;
        }

        @Override
        public @Nullable String of(long record, long idx) {
            int split = idx < splitOf.length ? splitOf[(int) idx] : 0;
            return split == 0 ? null : names.get(split - 1);
        }
    }

    /** Another division, of a file that has more splits. */
    record Among(List<String> names, PcqmSplits of) implements PcqmSplits {
        @Override
        public @Nullable String of(long record, long idx) {
            return of.of(record, idx);
        }
    }

    /** Some of another division's molecules, at random. */
    final class Subset implements PcqmSplits {
        private final PcqmSplits all;
        private final Permutation order;
        private final int taken;

        Subset(PcqmSplits all, int records, int taken, long seed) {
            this.all = all;
            this.order = new Permutation(records, seed, 0);
            this.taken = taken;
        }

        @Override
        public List<String> names() {
            return all.names();
        }

        @Override
        public @Nullable String of(long record, long idx) {
            return order.at((int) record) < taken ? all.of(record, idx) : null;
        }
    }
}
