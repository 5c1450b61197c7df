package dev.millrace.spectra;

import dev.millrace.build.RejectFile;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the rows of a spectra database in input order. One thread at a time. */
final class SpectraWriter {
    /** An entry with its BLOBs and checksums, made on a worker. */
    sealed interface Prepared permits Row, Rejected {}

    record Row(Compound compound, byte[] masses, byte[] intensities, byte[] spectrum, long spectrumCrc, long graphCrc)
            implements Prepared {}

    record Rejected(MspReject reject) implements Prepared {}

    private final Database database;
    private final RejectFile rejects;
    private final BulkWriter rows;
    private final List<SplitPlan.Member> members = new ArrayList<>();
    private long compounds;

    SpectraWriter(Database database, RejectFile rejects) {
        this.database = database;
        this.rejects = rejects;
        this.rows = new BulkWriter(database, BulkWriter.DEFAULT_ROWS);
    }

    static List<Prepared> prepare(Compound.Maker maker, List<RecordStream.Entry> entries) {
        RowDigest spectra = new RowDigest(SpectraSchema.SPECTRA);
        RowDigest graphs = new RowDigest(SpectraSchema.GRAPHS);
        List<Prepared> prepared = new ArrayList<>(entries.size());
        for (RecordStream.Entry entry : entries) {
            if (entry.content() instanceof MspRecord record) {
                prepared.add(row(maker.make(entry.id(), record), spectra, graphs));
            } else if (entry.content() instanceof MspReject reject) {
                prepared.add(new Rejected(reject));
            }
        }
        return prepared;
    }

    private static Row row(Compound compound, RowDigest spectra, RowDigest graphs) {
        Peaks peaks = compound.record().peaks();
        byte[] spectrum = compound.spectrum().toBytes();
        StructureReader.Structure structure = compound.structure();
        long graphCrc = structure == null
                ? 0
                : graphs.of(
                        compound.id(),
                        structure.graph().nodeFeatures().toBytes(),
                        structure.graph().edgeIndex().toBytes(),
                        structure.graph().edgeFeatures().toBytes());
        return new Row(
                compound,
                doubles(peaks.massesToCharge()),
                doubles(peaks.intensities()),
                spectrum,
                spectra.of(compound.id(), spectrum),
                graphCrc);
    }

    private static byte[] doubles(double[] values) {
        return TensorCodec.ofDoubles(values, Compression.LZ4, values.length).toBytes();
    }

    void write(List<Prepared> prepared) {
        for (Prepared next : prepared) {
            if (next instanceof Row row) {
                write(row);
            } else if (next instanceof Rejected rejected) {
                reject(rejected.reject());
            }
        }
    }

    private void write(Row row) {
        Compound compound = row.compound();
        MspRecord record = compound.record();
        long id = compound.id();
        rows.insert(
                SpectraSchema.INSERT_COMPOUND,
                id,
                record.sourceId(),
                record.name(),
                record.inchiKey(),
                record.formula(),
                record.molWeight(),
                record.exactMass(),
                record.casNo(),
                record.retentionIndex());
        rows.insert(
                SpectraSchema.INSERT_SPECTRUM,
                id,
                record.peaks().size(),
                row.masses(),
                row.intensities(),
                row.spectrum(),
                row.spectrumCrc());
        StructureReader.Structure structure = compound.structure();
        if (structure != null) {
            writeStructure(id, structure, row.graphCrc());
            members.add(new SplitPlan.Member(id, record.inchiKey(), structure.canonicalSmiles()));
        }
        reject(compound.fault());
        compounds++;
    }

    private void writeStructure(long id, StructureReader.Structure structure, long graphCrc) {
        rows.insert(
                SpectraSchema.INSERT_STRUCTURE,
                id,
                structure.molBlock(),
                structure.atomCount(),
                structure.bondCount(),
                structure.canonicalSmiles(),
                structure.threeDimensional() ? 1 : 0);
        rows.insert(
                SpectraSchema.INSERT_GRAPH,
                id,
                structure.graph().nodeFeatures().toBytes(),
                structure.graph().edgeIndex().toBytes(),
                structure.graph().edgeFeatures().toBytes(),
                graphCrc);
    }

    private void reject(@Nullable MspReject reject) {
        if (reject != null) {
            try {
                rejects.add(
                        reject.file(),
                        reject.line(),
                        reject.sourceId(),
                        reject.reason().word(),
                        reject.detail());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    long compounds() {
        return compounds;
    }

    /** Commits what is pending. */
    void endRows() {
        rows.close();
    }

    /** What came of the input so far, before its compounds are in splits. */
    SpectraBuildReport report(Path target, RecordStream records, String fingerprint) {
        return new SpectraBuildReport(
                target,
                false,
                records.present(),
                records.read(),
                records.rejected(),
                records.strayBlocks(),
                compounds,
                members.size(),
                compounds - members.size(),
                rejects.count(MspReject.Reason.BAD_STRUCTURE.word()),
                Map.of(),
                rejects.counts(),
                fingerprint,
                0,
                new SpectraBuildReport.Appended(
                        records.present(),
                        compounds,
                        records.alreadyStored(),
                        records.rejected(),
                        members.size(),
                        0,
                        Map.of()));
    }

    /** Writes splits, {@code dataset_info} and the manifest, and puts the pages of each table together. */
    SpectraBuildReport finish(SpectraBuildReport input, Map<String, String> info, SpectraSettings settings) {
        SplitPlan plan = SplitPlan.of(members, settings.ratios(), settings.seed());
        writeSplits(plan, settings);
        Map<String, long[]> ids = plan.ids();
        SpectraBuildReport report = SpectraInfo.divided(input, ids);
        Map<String, String> entries = new LinkedHashMap<>(info);
        entries.putAll(SpectraInfo.counts(report));
        Schema.putInfo(database, entries);
        Manifest.write(database, List.of(SpectraSchema.SPECTRA, SpectraSchema.GRAPHS), ids);
        vacuum();
        return report;
    }

    /**
     * As {@link #finish}, of rows that were added to others.
     *
     * @param before what the file said before
     */
    SpectraBuildReport extend(
            SpectraBase base, SpectraBuildReport before, SpectraBuildReport input, SpectraSettings settings) {
        SplitPlan plan = SplitPlan.extend(base.placed(), members, settings.ratios(), settings.seed());
        writeSplits(plan, settings);
        SpectraBuildReport report = SpectraInfo.sum(before, input, plan.ids());
        Schema.putInfo(database, SpectraInfo.counts(report));
        Map<Long, String> all = new TreeMap<>();
        base.placed()
                .forEach(placed -> all.put(placed.member().id(), placed.place().split()));
        plan.places().forEach((id, place) -> all.put(id, place.split()));
        Manifest.extend(
                database, List.of(SpectraSchema.SPECTRA, SpectraSchema.GRAPHS), SplitPlan.ids(all), base.lastId());
        if (compounds > base.lastId() / 4) {
            vacuum();
        }
        return report;
    }

    /* New rows of four tables lie among each other; a copy of the whole file belongs on the disk, not in memory. */
    private void vacuum() {
        database.execute("PRAGMA temp_store=FILE", "VACUUM", "PRAGMA temp_store=MEMORY");
    }

    private void writeSplits(SplitPlan plan, SpectraSettings settings) {
        try (BulkWriter splits = new BulkWriter(database, BulkWriter.DEFAULT_ROWS)) {
            plan.places()
                    .forEach((id, place) -> splits.insert(
                            SpectraSchema.INSERT_SPLIT,
                            SplitPlan.SCHEME,
                            id,
                            place.split(),
                            settings.seed(),
                            settings.ratios().toString(),
                            place.group()));
        }
    }
}
