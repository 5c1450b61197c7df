package dev.millrace.genome;

import dev.millrace.batch.Split;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What {@link ContigSplit} did.
 *
 * @param parts what is in each split, or was added to it; no entry for one without contigs
 * @param files that were written
 * @param upToDate whether the store had these splits already
 * @param droppedSets splits whose windows were removed from the store, because they were of other contigs
 * @param staleSets splits whose windows are in the store, but lack those of contigs that were added
 */
public record ContigSplitReport(
        Map<Split, Part> parts, List<Path> files, boolean upToDate, List<String> droppedSets, List<String> staleSets) {
    /** One split. */
    public static final class Part {
        private long contigs;
        private long samples;
        private long bases;
        private final long[] strata = new long[SplitDraw.STRATA];

        Part() {}

        void add(long length) {
            contigs++;
            bases += length;
            strata[SplitDraw.stratum(length)]++;
        }

        void samples(long count) {
            samples = count;
        }

        /** How many contigs. */
        public long contigs() {
            return contigs;
        }

        /** Of how many samples; 0 where names tell no sample. */
        public long samples() {
            return samples;
        }

        /** How many bases. */
        public long bases() {
            return bases;
        }

        /** Contigs below 10,000 bases. */
        public long shortContigs() {
            return strata[0];
        }

        /** Contigs from 10,000 to below 100,000 bases. */
        public long mediumContigs() {
            return strata[1];
        }

        /** Contigs of 100,000 bases and more. */
        public long longContigs() {
            return strata[2];
        }
    }
}
