package dev.millrace.batch;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.util.List;

/** Where the batches of an export go: once begin, then every batch in order, then finish. */
interface ExportSink {
    /**
     * Tells what will come.
     *
     * @param samples in all batches together
     * @throws ExportRefusedException if the format has no place for it
     */
    void begin(ExportPlan plan, int samples) throws IOException;

    /**
     * Writes a batch.
     *
     * @param ids of its samples
     * @param arrays data before labels, valid during the call only
     */
    void add(long[] ids, List<NDArray> arrays) throws IOException;

    /** Writes what is left; returns what was written. */
    List<DatasetExport.Array> finish() throws IOException;
}
