package dev.millrace.pcqm;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.Sha256;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.molecule.Molecule;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Open Graph Benchmark's {@code data.csv.gz}: columns {@code idx,smiles,homolumogap} and perhaps further targets. A gap that
 * is blank, NaN or infinite is missing.
 *
 * @param file plain or gzip
 * @param furtherTargets names of further columns
 */
record CsvSource(Path file, List<String> furtherTargets) implements PcqmInput {
    private static final int CHUNK = 512;
    private static final int IDX = 0;
    private static final int SMILES = 1;
    private static final int GAP = 2;

    CsvSource {
        furtherTargets = List.copyOf(furtherTargets);
    }

    @Override
    public String kind() {
        return "csv";
    }

    @Override
    public List<String> featureSpecs() {
        return List.of(FeatureSpec.OGB_9_3.id(), FeatureSpec.BITSPEC_48_6.id());
    }

    @Override
    public List<String> settings() {
        return List.of();
    }

    @Override
    public boolean isSynthetic() throws IOException {
        return PcqmSample.isSynthetic(file);
    }

    private List<String> columns() {
        List<String> names = new ArrayList<>(List.of("idx", "smiles", "homolumogap"));
        names.addAll(furtherTargets);
        return names;
    }

    @Override
    public Scan scan(BuildProgress.Meter meter) throws IOException {
        Sha256 hash = new Sha256();
        Order order = new Order();
        try (InputStream in = new Hashed(Files.newInputStream(file), hash);
                CsvRecords records = CsvRecords.of(file, in)) {
            CsvHeader header = CsvHeader.read(records, file, columns());
            CsvFields fields = new CsvFields();
            for (CsvRecords.Chunk chunk = records.next(CHUNK); chunk != null; chunk = records.next(CHUNK)) {
                for (int i = 0; i < chunk.count(); i++) {
                    boolean whole = fields.parse(chunk.bytes(), chunk.from(i), chunk.to(i)) == header.width();
                    order.add(whole ? fields.index(header.columns()[IDX]) : -1);
                    order.addText(chunk.to(i) - chunk.from(i));
                }
                meter.advanceTo(order.records());
            }
            // Whatever is behind the text belongs to the file as well.
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return order.scan(hash.hex());
    }

    @Override
    public Records open(long skip, String featureSpec) throws IOException {
        FeatureSpec spec = FeatureSpec.named(featureSpec);
        CsvRecords records = CsvRecords.open(file);
        try {
            CsvHeader header = CsvHeader.read(records, file, columns());
            for (long left = skip; left > 0; ) {
                CsvRecords.Chunk passed = records.next((int) Math.min(left, CHUNK));
                left -= passed == null ? left : passed.count();
            }
            return new Records() {
                @Override
                public @Nullable Chunk next() throws IOException {
                    CsvRecords.Chunk raw = records.next(CHUNK);
                    return raw == null ? null : new Raw(raw, header, spec);
                }

                @Override
                public void close() throws IOException {
                    records.close();
                }
            };
        } catch (IOException | RuntimeException failed) {
            records.close();
            throw failed;
        }
    }

    private record Raw(CsvRecords.Chunk chunk, CsvHeader header, FeatureSpec spec) implements Chunk {
        @Override
        public int size() {
            return chunk.count();
        }

        @Override
        public void read(Sink sink) {
            CsvFields fields = new CsvFields();
            for (int i = 0; i < chunk.count(); i++) {
                read(chunk.first() + i, chunk.from(i), chunk.to(i), fields, sink);
            }
        }

        private void read(long record, int from, int to, CsvFields fields, Sink sink) {
            if (to - from >= CsvRecords.LONGEST) {
                sink.reject(new PcqmReject(
                        record,
                        null,
                        PcqmReject.Reason.TOO_LONG,
                        "expected a record below " + CsvRecords.LONGEST + " bytes, found a longer one"));
                return;
            }
            int width = fields.parse(chunk.bytes(), from, to);
            if (width != header.width()) {
                sink.reject(new PcqmReject(
                        record,
                        null,
                        PcqmReject.Reason.MALFORMED_RECORD,
                        "expected " + header.width() + " fields, found "
                                + (width < 0 ? "a quote out of place" : Integer.toString(width))));
                return;
            }
            long idx = fields.index(header.columns()[IDX]);
            if (idx < 0) {
                sink.reject(new PcqmReject(
                        record,
                        null,
                        PcqmReject.Reason.BAD_IDX,
                        "expected a whole number 0 to 999999999999999999, found '" + fields.text(header.columns()[IDX])
                                + "'"));
            } else if (sink.wants(record, idx)) {
                molecule(record, idx, fields, sink);
            }
        }

        private void molecule(long record, long idx, CsvFields fields, Sink sink) {
            double gap;
            float[] further = new float[header.columns().length - GAP - 1];
            int column = GAP;
            try {
                gap = fields.number(header.columns()[GAP]);
                for (int i = 0; i < further.length; i++) {
                    column = GAP + 1 + i;
                    further[i] = (float) fields.number(header.columns()[column]);
                }
            } catch (NumberFormatException e) {
                sink.reject(new PcqmReject(
                        record,
                        idx,
                        PcqmReject.Reason.BAD_TARGET,
                        "expected a number that float32 holds, or none, found '" + fields.text(header.columns()[column])
                                + "'"));
                return;
            }
            String smiles = fields.text(header.columns()[SMILES]);
            try {
                Molecule molecule = MoleculeReader.smiles(smiles);
                if (molecule.atomCount() == 0) {
                    sink.reject(new PcqmReject(
                            record, idx, PcqmReject.Reason.BAD_SMILES, "expected an atom, found '" + smiles + "'"));
                    return;
                }
                sink.molecule(record, idx, smiles, spec.featurize(molecule), 2 * molecule.bondCount(), gap, further);
            } catch (MoleculeFormatException e) {
                sink.reject(new PcqmReject(record, idx, PcqmReject.Reason.BAD_SMILES, e.reason()));
            }
        }
    }

    /** Hashes what is read through it. */
    private static final class Hashed extends FilterInputStream {
        private final Sha256 hash;

        Hashed(InputStream in, Sha256 hash) {
            super(in);
            this.hash = hash;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            if (read > 0) {
                hash.add(bytes, offset, read);
            }
            return read;
        }
    }
}
