package dev.millrace.exafs;

import java.io.IOException;

/** Adds up χ of paths that come ordered by absorber, and hands over each sum when the next absorber begins. One thread at a time. */
final class AtomSums {
    private final ChiSource.SumSink sink;
    private final double[] sum;
    private long frame;
    private long atomId;
    private long count;

    AtomSums(int size, ChiSource.SumSink sink) {
        this.sum = new double[size];
        this.sink = sink;
    }

    void add(long pathFrame, long pathAtomId, double[] chi) throws IOException {
        if (count > 0 && (pathFrame != frame || pathAtomId != atomId)) {
            if (pathFrame < frame || (pathFrame == frame && pathAtomId < atomId)) {
                throw new IllegalStateException(
                        "Paths of frame " + pathFrame + ", atom " + pathAtomId + " come after those of frame " + frame
                                + ", atom " + atomId + ": a sum would be in two parts.");
            }
            finish();
        }
        frame = pathFrame;
        atomId = pathAtomId;
        count++;
        for (int i = 0; i < sum.length; i++) {
            sum[i] += chi[i];
        }
    }

    /** Hands over the last sum. */
    void finish() throws IOException {
        if (count > 0) {
            sink.accept(frame, atomId, count, sum);
            java.util.Arrays.fill(sum, 0);
            count = 0;
        }
    }
}
