package dev.millrace.spectra;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.Split;
import dev.millrace.build.SplitRatios;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * Samples of one split straight from the MSP file and the MOL folder, as BitSpec works without SQLite: everything is parsed
 * into the heap and all features are computed at the start, on one thread, and an id is looked up by a scan.
 *
 * <p>Kept as the baseline of the benchmark and as the oracle of the tests, and as the way back when a database is in doubt;
 * otherwise use {@link SpectrumDatabaseSource}. With the same seed and shares it has the same splits and samples.
 */
final class SpectrumFileSource implements SpectrumSource {
    private final List<Compound> compounds;
    private final long[] ids;
    private final String digest;
    private final SpectrumOptions options;
    private final String featureSpec;

    private SpectrumFileSource(
            List<Compound> compounds, long[] ids, String digest, SpectrumOptions options, String featureSpec) {
        this.compounds = compounds;
        this.ids = ids;
        this.digest = digest;
        this.options = options;
        this.featureSpec = featureSpec;
    }

    /**
     * Reads everything.
     *
     * @param seed decides split and subset, as in {@link SpectraBuilder#optSeed}
     * @param maxSamples size of a random subset; 0 for all, as in {@link SpectraBuilder#optMaxSamples}
     */
    public static SpectrumFileSource load(
            Path msp,
            Path molFolder,
            Split split,
            SpectrumOptions options,
            String featureSpec,
            SplitRatios ratios,
            long seed,
            int maxSamples)
            throws IOException {
        Compound.Maker maker = new Compound.Maker(
                String.valueOf(msp.getFileName()),
                MolFolder.list(molFolder),
                StructureReaders.of(featureSpec),
                options);
        List<Compound> compounds = new ArrayList<>();
        try (RecordStream records = RecordStream.open(msp, options, maxSamples, seed)) {
            records.forEachRemaining(entry -> {
                if (entry.content() instanceof MspRecord record) {
                    compounds.add(maker.make(entry.id(), record));
                }
            });
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
        long[] ids = idsOf(compounds, split, ratios, seed);
        return new SpectrumFileSource(compounds, ids, digestOf(compounds, split, ids), options, featureSpec);
    }

    private static long[] idsOf(List<Compound> compounds, Split split, SplitRatios ratios, long seed) {
        List<SplitPlan.Member> members = new ArrayList<>();
        for (Compound compound : compounds) {
            StructureReader.Structure structure = compound.structure();
            if (structure != null) {
                members.add(
                        new SplitPlan.Member(compound.id(), compound.record().inchiKey(), structure.canonicalSmiles()));
            }
        }
        if (split == Split.ALL) {
            return members.stream().mapToLong(SplitPlan.Member::id).toArray();
        }
        return SplitPlan.of(members, ratios, seed).ids().getOrDefault(split.id(), new long[0]);
    }

    private static String digestOf(List<Compound> compounds, Split split, long[] ids) {
        CRC32C crc = new CRC32C();
        for (long id : ids) {
            SpectrumRow row = rowOf(compounds.get((int) id - 1));
            crc.update(row.spectrum().toBytes());
            crc.update(row.graph().nodeFeatures().toBytes());
            crc.update(row.graph().edgeIndex().toBytes());
            crc.update(row.graph().edgeFeatures().toBytes());
        }
        return "files:" + split.id() + ":" + Long.toHexString(crc.getValue());
    }

    private static SpectrumRow rowOf(Compound compound) {
        StructureReader.Structure structure = compound.structure();
        if (structure == null) {
            throw new IllegalArgumentException("Expected a compound with a structure, found id " + compound.id() + ".");
        }
        return new SpectrumRow(compound.id(), structure.graph(), compound.spectrum());
    }

    @Override
    public long[] ids() {
        return ids;
    }

    @Override
    public RowReader<SpectrumRow> openReader() {
        return new RowReader<>() {
            @Override
            public List<SpectrumRow> read(long[] wanted) {
                List<SpectrumRow> rows = new ArrayList<>(wanted.length);
                for (long id : wanted) {
                    rows.add(rowOf(scan(id)));
                }
                return rows;
            }

            @Override
            public void close() {
                // Holds nothing.
            }
        };
    }

    /* As the original does it; the point of the comparison. */
    private Compound scan(long id) {
        for (Compound compound : compounds) {
            if (compound.id() == id) {
                return compound;
            }
        }
        throw new IllegalArgumentException("Expected an id 1 … " + compounds.size() + ", found " + id + ".");
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public SpectrumOptions options() {
        return options;
    }

    @Override
    public String featureSpec() {
        return featureSpec;
    }

    @Override
    public List<SpectrumMetadata> metadata(long[] wanted) {
        Map<Long, SpectrumMetadata> found = new LinkedHashMap<>();
        List<SpectrumMetadata> metadata = new ArrayList<>(wanted.length);
        for (long id : wanted) {
            metadata.add(found.computeIfAbsent(id, key -> {
                MspRecord record = scan(key).record();
                return new SpectrumMetadata(key, record.name(), record.formula(), record.molWeight(), record.casNo());
            }));
        }
        return metadata;
    }

    @Override
    public OptionalLong find(String sourceId) {
        for (Compound compound : compounds) {
            if (sourceId.equals(compound.record().sourceId())) {
                return OptionalLong.of(compound.id());
            }
        }
        return OptionalLong.empty();
    }

    @Override
    public void close() {
        // Holds no file.
    }
}
