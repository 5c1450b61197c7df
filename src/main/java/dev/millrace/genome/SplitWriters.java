package dev.millrace.genome;

import dev.millrace.batch.Split;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** The files of all splits; none is under its name before all are complete. One thread at a time. */
final class SplitWriters implements Closeable {
    private final Map<Split, SplitWriter> writers = new EnumMap<>(Split.class);

    /** @param files of the splits; none where nothing is to be written */
    SplitWriters(Map<Split, Path> files, ContigSplit.Format format) throws IOException {
        try {
            for (Map.Entry<Split, Path> file : files.entrySet()) {
                writers.put(file.getKey(), SplitWriter.open(file.getValue(), format));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    void add(Split split, String contigId, long length) throws IOException {
        SplitWriter writer = writers.get(split);
        if (writer != null) {
            writer.add(contigId, length);
        }
    }

    void publish() throws IOException {
        for (SplitWriter writer : writers.values()) {
            writer.finish();
        }
        for (SplitWriter writer : writers.values()) {
            writer.publish();
        }
    }

    @Override
    public void close() throws IOException {
        for (SplitWriter writer : writers.values()) {
            writer.close();
        }
    }
}
