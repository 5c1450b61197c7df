package dev.millrace.pcqm;

import dev.millrace.graph.Graph;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeReader;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Databases of synthetic molecules whose gap follows from their parts, so that there is something to learn. Test support. */
public final class GapMolecules {
    private static final List<String> PARTS =
            List.of("C", "C", "C", "N", "O", "C(=O)", "C(F)", "S", "c1ccccc1", "C=C", "C#N", "C(O)");
    /** What each part adds to the gap, in eV. */
    private static final double[] SHIFTS = {.1, .1, .1, -.3, -.1, -.9, .3, -.6, -1.4, -1.0, -.4, 0};

    private GapMolecules() {}

    /** A molecule and its gap in eV. */
    private record Labelled(String smiles, double gap) {}

    private static Labelled molecule(SplittableRandom random) {
        StringBuilder smiles = new StringBuilder("C");
        double gap = 8;
        int parts = 2 + random.nextInt(5);
        for (int i = 0; i < parts; i++) {
            int part = random.nextInt(PARTS.size());
            if (PARTS.get(part).equals("C#N") && i < parts - 1) {
                part = 0;
            }
            smiles.append(PARTS.get(part));
            gap += SHIFTS[part];
        }
        return new Labelled(smiles.toString(), gap);
    }

    /**
     * Writes {@code count} molecules, of each ten eight to train, one to validate, one to test.
     *
     * @param targets names; those after the first are simple functions of the gap, each fifth value missing
     */
    public static Path write(Path file, int count, String spec, String... targets) {
        FeatureSpec features = FeatureSpec.named(spec);
        try (DatabaseBuild build = DatabaseBuild.begin(file, PcqmSchema.SCHEMA)) {
            Database database = build.database();
            double[] sums = new double[3];
            Map<String, long[]> splits = new LinkedHashMap<>(Map.of());
            for (String split : List.of("train", "val", "test")) {
                splits.put(split, new long[0]);
            }
            try (BulkWriter writer = new BulkWriter(database, BulkWriter.DEFAULT_ROWS)) {
                RowDigest digest = new RowDigest(PcqmSchema.GRAPHS);
                for (int idx = 0; idx < count; idx++) {
                    Labelled molecule = molecule(new SplittableRandom(idx * 7919L));
                    String split = idx % 10 == 8 ? "val" : idx % 10 == 9 ? "test" : "train";
                    splits.merge(split, new long[] {idx}, GapMolecules::joined);
                    if (split.equals("train")) {
                        sums[0]++;
                        sums[1] += molecule.gap;
                        sums[2] += molecule.gap * molecule.gap;
                    }
                    writeOne(writer, digest, idx, split, molecule, features, targets);
                }
                double mean = sums[1] / sums[0];
                double deviation = Math.sqrt(sums[2] / sums[0] - mean * mean);
                for (int i = 0; i < targets.length; i++) {
                    writer.insert(
                            PcqmSchema.INSERT_STATISTIC,
                            targets[i] + "_mean",
                            Double.toString(mean * (i + 1) + 100 * i));
                    writer.insert(
                            PcqmSchema.INSERT_STATISTIC, targets[i] + "_std", Double.toString(deviation * (i + 1)));
                }
                splits.forEach((split, ids) ->
                        writer.insert(PcqmSchema.INSERT_STATISTIC, "labelled_" + split, Integer.toString(ids.length)));
            }
            Schema.putInfo(
                    database,
                    Map.of(
                            "layout", "rows",
                            "feature_spec", spec,
                            "targets", String.join(",", targets),
                            "adapter", "native",
                            "splits", "ratios 0.8,0.1,0.1",
                            "synthetic", "true"));
            Manifest.write(database, List.of(PcqmSchema.GRAPHS), splits);
            build.publish();
        }
        return file;
    }

    private static long[] joined(long[] some, long[] one) {
        long[] all = Arrays.copyOf(some, some.length + 1);
        all[some.length] = one[0];
        return all;
    }

    private static void writeOne(
            BulkWriter writer,
            RowDigest digest,
            long idx,
            String split,
            Labelled molecule,
            FeatureSpec features,
            String... targets) {
        Graph graph;
        try {
            graph = features.featurize(MoleculeReader.smiles(molecule.smiles));
        } catch (MoleculeFormatException e) {
            throw new AssertionError(molecule.smiles, e);
        }
        float[] values = new float[targets.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = i > 0 && idx % 5 == 0 ? Float.NaN : (float) (molecule.gap * (i + 1) + 100 * i);
        }
        byte[] nodes = graph.nodeFeatures().toBytes();
        byte[] edges = graph.edgeIndex().toBytes();
        byte[] bonds = graph.edgeFeatures().toBytes();
        byte[] target =
                TensorCodec.ofFloats(values, Compression.NONE, values.length).toBytes();
        writer.insert(
                PcqmSchema.INSERT_MOLECULE,
                idx,
                molecule.smiles,
                graph.nodeCount(),
                graph.edgeCount() / 2,
                split,
                molecule.gap);
        writer.insert(
                PcqmSchema.INSERT_GRAPH, idx, nodes, edges, bonds, target, digest.of(idx, nodes, edges, bonds, target));
    }
}
