package dev.millrace.genome;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.PublishedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whole sequences to predict on, as the original's {@code SimpleFastaDataset}: one item per record of a FASTA file, without windows and
 * padding, {@code <EOS>} before the bases, which are upper-cased, and a loss mask that leaves it out. {@code seq_idx} is the place of the
 * sequence when all ids are sorted by code point; {@code seq_idx_map.json} tells it by id.
 *
 * <p>Memory: the ids of all records, and the bases of one.
 */
public final class PredictionItems {
    /** Item by item, one JSON object a line: tokens, position_ids, seq_idx, loss_mask. In the order of the FASTA file. */
    public static final String ITEMS = "items.jsonl";

    /** One JSON object of id to seq_idx. */
    public static final String MAP = "seq_idx_map.json";

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final Path fasta;
    private final TokenIds tokenIds;
    private final boolean start;

    /**
     * What to make items of.
     *
     * @param fasta plain or gzip
     * @param start whether {@code <EOS>} comes before the bases, so that there is a prediction for the first base too
     */
    public PredictionItems(Path fasta, TokenIds tokenIds, boolean start) {
        this.fasta = fasta;
        this.tokenIds = tokenIds;
        this.start = start;
    }

    /**
     * Writes {@link #ITEMS} and {@link #MAP} into a folder, which is made if need be; each appears whole or not at all.
     *
     * @return how many items
     * @throws MalformedFastaException if the file is no FASTA, damaged, or has a record that cannot be read or an id twice
     */
    public int write(Path folder, BuildProgress progress) throws IOException {
        Map<String, Integer> indexes = indexes();
        Files.createDirectories(folder);
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "items", indexes.size());
        try (FastaReader reader = FastaReader.open(fasta);
                PublishedFile items = PublishedFile.open(folder.resolve(ITEMS));
                PublishedFile map = PublishedFile.open(folder.resolve(MAP))) {
            int written = 0;
            while (reader.next()) {
                write(items.out(), bases(reader), index(indexes, reader));
                meter.advanceTo(++written);
            }
            writeMap(map.out(), indexes);
            map.publish();
            items.publish();
        } catch (JacksonIOException e) {
            throw e.getCause();
        }
        meter.finish();
        return indexes.size();
    }

    private int index(Map<String, Integer> indexes, FastaReader reader) throws MalformedFastaException {
        Integer index = indexes.get(reader.name());
        if (index == null) {
            throw malformed(
                    reader, reader.line(), "expected the records of a first look, found another; is it being written?");
        }
        return index;
    }

    private Map<String, Integer> indexes() throws IOException {
        Map<String, Long> lines = new HashMap<>();
        byte[] piece = new byte[1 << 16];
        try (FastaReader reader = FastaReader.open(fasta)) {
            while (reader.next()) {
                int count;
                do { // whether it is sound is known at its end
                    count = reader.read(piece);
                } while (count >= 0);
                requireSound(reader);
                Long first = lines.putIfAbsent(reader.name(), reader.line());
                if (first != null) {
                    throw malformed(reader, reader.line(), "expected each id once, found it in line " + first + " too");
                }
            }
        }
        String[] ids = lines.keySet().toArray(String[]::new);
        // The order of UTF-8 is that of code points, by which Python sorts; Java's is that of UTF-16.
        Arrays.sort(
                ids,
                (a, b) ->
                        Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
        Map<String, Integer> indexes = new java.util.LinkedHashMap<>();
        for (int index = 0; index < ids.length; index++) {
            indexes.put(ids[index], index);
        }
        return indexes;
    }

    private byte[] bases(FastaReader reader) throws IOException {
        byte[] bases = new byte[1 << 16];
        int length = 0;
        byte[] piece = new byte[1 << 16];
        for (int count = reader.read(piece); count >= 0; count = reader.read(piece)) {
            if (length > Integer.MAX_VALUE - 16 - count) {
                throw malformed(reader, reader.line(), "expected less than 2^31 bases, found more. Cut the sequence");
            }
            if (length + count > bases.length) {
                bases = Arrays.copyOf(bases, (int) Math.min(Integer.MAX_VALUE - 16L, 2L * (length + count)));
            }
            System.arraycopy(piece, 0, bases, length, count);
            length += count;
        }
        requireSound(reader);
        return Arrays.copyOf(bases, length);
    }

    private void write(OutputStream out, byte[] bases, int index) throws IOException {
        int first = start ? 1 : 0;
        int size = bases.length + first;
        try (JsonGenerator json = MAPPER.createGenerator(new Unclosed(out))) {
            json.writeStartObject();
            json.writeArrayPropertyStart("tokens");
            if (start) {
                json.writeNumber(tokenIds.eos());
            }
            for (byte base : bases) {
                json.writeNumber(tokenIds.of(base >= 'a' && base <= 'z' ? base - 32 : base));
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("position_ids");
            for (int position = 0; position < size; position++) {
                json.writeNumber(position);
            }
            json.writeEndArray();
            json.writeNumberProperty("seq_idx", index);
            json.writeArrayPropertyStart("loss_mask");
            for (int position = 0; position < size; position++) {
                json.writeNumber(position < first ? 0 : 1);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        out.write('\n');
    }

    private static void writeMap(OutputStream out, Map<String, Integer> indexes) {
        try (JsonGenerator json = MAPPER.createGenerator(new Unclosed(out))) {
            json.writeStartObject();
            indexes.forEach(json::writeNumberProperty);
            json.writeEndObject();
        }
    }

    private void requireSound(FastaReader reader) throws MalformedFastaException {
        FastaReader.Fault fault = reader.fault();
        if (fault != null) {
            throw malformed(reader, fault.line(), fault.detail());
        }
    }

    private MalformedFastaException malformed(FastaReader reader, long line, String detail) {
        return new MalformedFastaException("Cannot make an item of record '" + reader.name() + "': " + detail + " ("
                + fasta + ", line " + line + "). Correct the file; nothing was written.");
    }

    /** Generators close what they write to; more follows. */
    private static final class Unclosed extends java.io.FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void flush() {
            // By the file when it is complete.
        }

        @Override
        public void close() {
            // By the file when it is complete.
        }
    }
}
