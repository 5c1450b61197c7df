package dev.millrace.pcqm;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.Sha256;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.molecule.Molecule;
import dev.millrace.molecule.MoleculeEntry;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * An SD file, plain or gzip: idx is the number of the record, from 0. The gap comes from a data field, or from a CSV file with
 * columns {@code idx,homolumogap}, as Open Graph Benchmark's SD files have none. A data field {@code SMILES} is kept.
 *
 * @param file records V2000 or V3000
 * @param gapField name of the data field, in any case; not looked at when there is a gaps file
 * @param gaps null to read the data field
 */
record SdfSource(Path file, String gapField, @Nullable Path gaps) implements PcqmInput {
    private static final int CHUNK = 64;
    private static final String SMILES = "smiles";

    @Override
    public String kind() {
        return "sdf";
    }

    @Override
    public List<String> furtherTargets() {
        return List.of();
    }

    @Override
    public List<String> featureSpecs() {
        return List.of(FeatureSpec.OGB_9_3.id(), FeatureSpec.BITSPEC_48_6.id());
    }

    @Override
    public List<String> settings() throws IOException {
        return List.of(
                gaps == null
                        ? "field " + gapField
                        : "file " + new Sha256().add(gaps).hex());
    }

    private MoleculeSource.Entries entries() throws IOException {
        return new MoleculeSource.SdfFile(file, Set.of(gapField, SMILES)).open();
    }

    @Override
    public Scan scan(BuildProgress.Meter meter) throws IOException {
        Order order = new Order();
        try (MoleculeSource.Entries entries = entries()) {
            while (entries.next() != null) {
                order.add(order.records());
                meter.advanceTo(order.records());
            }
        } catch (ZipException | EOFException e) {
            throw damaged(order.records(), e);
        }
        return order.scan(new Sha256().add(file).hex());
    }

    private DamagedInputException damaged(long records, IOException cause) {
        return new DamagedInputException(
                "Cannot read " + file + ": expected complete gzip data, found them damaged or cut after record "
                        + records + " (" + cause.getMessage() + "). Fetch the file again.",
                cause);
    }

    @Override
    public Records open(long skip, String featureSpec) throws IOException {
        FeatureSpec spec = FeatureSpec.named(featureSpec);
        double @Nullable [] table = gaps == null ? null : readGaps(gaps);
        MoleculeSource.Entries entries = entries();
        try {
            long left = skip;
            while (left > 0) {
                left = entries.next() == null ? 0 : left - 1;
            }
        } catch (IOException | RuntimeException failed) {
            entries.close();
            throw failed;
        }
        return new Records() {
            private long first = skip;

            @Override
            public @Nullable Chunk next() throws IOException {
                List<MoleculeEntry> chunk = new ArrayList<>(CHUNK);
                MoleculeEntry entry = entries.next();
                while (entry != null) {
                    chunk.add(entry);
                    entry = chunk.size() < CHUNK ? entries.next() : null;
                }
                first += chunk.size();
                return chunk.isEmpty() ? null : new Raw(first - chunk.size(), chunk, spec, gapField, table);
            }

            @Override
            public void close() throws IOException {
                entries.close();
            }
        };
    }

    /** Gaps by idx, NaN where there is none. */
    private static double[] readGaps(Path file) throws IOException {
        double[] gaps = new double[1 << 10];
        Arrays.fill(gaps, Double.NaN);
        try (CsvRecords records = CsvRecords.open(file)) {
            CsvHeader header = CsvHeader.read(records, file, List.of("idx", "homolumogap"));
            CsvFields fields = new CsvFields();
            for (CsvRecords.Chunk chunk = records.next(512); chunk != null; chunk = records.next(512)) {
                for (int i = 0; i < chunk.count(); i++) {
                    boolean whole = fields.parse(chunk.bytes(), chunk.from(i), chunk.to(i)) == header.width();
                    long idx = whole ? fields.index(header.columns()[0]) : -1;
                    double gap = Double.NaN;
                    try {
                        gap = whole ? fields.number(header.columns()[1]) : gap;
                    } catch (NumberFormatException e) {
                        idx = -1;
                    }
                    if (idx < 0 || idx > Integer.MAX_VALUE >> 2) {
                        throw new RejectedInputException(
                                "Cannot read the gaps: expected idx,homolumogap, found something else in record "
                                        + (chunk.first() + i) + " (" + file + "). Correct the file.",
                                1,
                                chunk.first() + i);
                    }
                    if (idx >= gaps.length) {
                        int before = gaps.length;
                        gaps = Arrays.copyOf(gaps, (int) Math.max(idx + 1, 2L * before));
                        Arrays.fill(gaps, before, gaps.length, Double.NaN);
                    }
                    if (!Double.isNaN(gaps[(int) idx]) && gaps[(int) idx] != gap) {
                        throw new RejectedInputException(
                                "Cannot read the gaps: expected one gap for each idx, found another one for " + idx
                                        + " in record " + (chunk.first() + i) + " (" + file + "). Correct the file.",
                                1,
                                chunk.first() + i);
                    }
                    gaps[(int) idx] = gap;
                }
            }
        }
        return gaps;
    }

    private record Raw(
            long first, List<MoleculeEntry> entries, FeatureSpec spec, String gapField, double @Nullable [] gaps)
            implements Chunk {
        @Override
        public int size() {
            return entries.size();
        }

        @Override
        public void read(Sink sink) {
            for (int i = 0; i < entries.size(); i++) {
                long record = first + i;
                if (sink.wants(record, record)) {
                    read(record, entries.get(i), sink);
                }
            }
        }

        private void read(long record, MoleculeEntry entry, Sink sink) {
            double gap;
            String field = entry.dataField(gapField);
            try {
                gap = gaps != null
                        ? record < gaps.length ? gaps[(int) record] : Double.NaN
                        : CsvFields.number(field == null ? "" : field.strip());
            } catch (NumberFormatException e) {
                sink.reject(new PcqmReject(
                        record,
                        record,
                        PcqmReject.Reason.BAD_TARGET,
                        "<" + gapField + ">: expected a number that float32 holds, or none, found '" + field + "'"));
                return;
            }
            try {
                Molecule molecule = entry.read(spec.keepsHydrogens());
                if (molecule.atomCount() == 0) {
                    sink.reject(new PcqmReject(
                            record, record, PcqmReject.Reason.BAD_STRUCTURE, "expected an atom, found none"));
                    return;
                }
                sink.molecule(
                        record,
                        record,
                        smiles(entry.dataField(SMILES)),
                        spec.featurize(molecule),
                        2 * molecule.bondCount(),
                        gap,
                        new float[0]);
            } catch (MoleculeFormatException e) {
                sink.reject(new PcqmReject(
                        record,
                        record,
                        PcqmReject.Reason.BAD_STRUCTURE,
                        e.reason() + (e.line() > 0 ? " (line " + e.line() + ")" : "")));
            }
        }

        /* Only for people to read: what is no plain text is left out. */
        private static @Nullable String smiles(@Nullable String text) {
            return text == null || text.isBlank() || text.chars().anyMatch(Character::isISOControl)
                    ? null
                    : text.strip();
        }
    }
}
