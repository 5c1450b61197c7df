package dev.millrace.pcqm;

import dev.millrace.graph.Graph;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.RowBlock;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Writes PCQM4Mv2 databases for tests, of either layout. The molecule of an idx is a function of the idx alone, so that a
 * batch can be checked without another reader. Idx have gaps, as rejected molecules leave.
 */
final class PcqmFile {
    private static final int[] NODE_CODES = {119, 5, 12, 12, 10, 6, 6, 2, 2};
    private static final int[] EDGE_CODES = {5, 6, 2};

    private final int count;
    private boolean blocks;
    private int graphsPerBlock = 16;
    private String spec = "ogb-9-3";
    private String adapter = "native";
    private boolean scattered;
    private boolean ownSplits = true;
    private int unlabelledEach;
    private int bondlessEach;
    private List<String> targets = List.of("homo_lumo_gap");

    private PcqmFile(int count) {
        this.count = count;
    }

    static PcqmFile of(int count) {
        return new PcqmFile(count);
    }

    /** Layout blocks instead of rows. */
    PcqmFile blocks(int graphs) {
        blocks = true;
        graphsPerBlock = graphs;
        return this;
    }

    PcqmFile spec(String name) {
        spec = name;
        return this;
    }

    PcqmFile adapter(String name) {
        adapter = name;
        return this;
    }

    /** Splits train, val and test by a hash instead of the data set's own four by range. */
    PcqmFile ratios() {
        scattered = true;
        return this;
    }

    /** All in train, idx without gaps. */
    PcqmFile plain() {
        ownSplits = false;
        return this;
    }

    /** Every n-th molecule of the training split has no gap. */
    PcqmFile unlabelledEach(int n) {
        unlabelledEach = n;
        return this;
    }

    /** Every n-th row has NULL instead of edge_attr. */
    PcqmFile withoutEdgeAttrEach(int n) {
        bondlessEach = n;
        return this;
    }

    PcqmFile targets(String... names) {
        targets = List.of(names);
        return this;
    }

    long idx(int position) {
        return ownSplits ? position + position / 9 : position;
    }

    String split(int position) {
        if (!ownSplits) {
            return "train";
        } else if (scattered) {
            int draw = new SplittableRandom(position * 31L).nextInt(10);
            return draw < 8 ? "train" : draw == 8 ? "val" : "test";
        }
        double share = (double) position / count;
        return share < 0.8 ? "train" : share < 0.9 ? "val" : share < 0.95 ? "test-dev" : "test-challenge";
    }

    boolean isLabelled(int position) {
        return !split(position).startsWith("test-")
                && (unlabelledEach == 0 || idx(position) % unlabelledEach != unlabelledEach - 1);
    }

    boolean hasEdgeAttr(long idx) {
        return bondlessEach == 0 || idx % bondlessEach != 0;
    }

    /** Idx of the split, ascending; only labelled ones if asked for. */
    long[] ids(String name, boolean labelledOnly) {
        long[] ids = new long[count];
        int size = 0;
        for (int position = 0; position < count; position++) {
            if ((name.equals("all") || split(position).equals(name)) && (!labelledOnly || isLabelled(position))) {
                ids[size++] = idx(position);
            }
        }
        return Arrays.copyOf(ids, size);
    }

    static float gap(long idx) {
        return (float) (2 + 6 * new SplittableRandom(idx * 7919).nextDouble());
    }

    /** Every target of a molecule; the second and later ones are missing for each fifth. */
    float[] targetsOf(long idx) {
        float[] values = new float[targets.size()];
        values[0] = gap(idx);
        for (int i = 1; i < values.length; i++) {
            values[i] = idx % 5 == 0 ? Float.NaN : idx + 0.5f * i;
        }
        return values;
    }

    /** Writes the file and publishes it. */
    Path write(Path file) {
        try (DatabaseBuild build = DatabaseBuild.begin(file, PcqmSchema.SCHEMA)) {
            Database database = build.database();
            Map<String, long[]> splits = splits();
            try (BulkWriter writer = new BulkWriter(database, BulkWriter.DEFAULT_ROWS)) {
                if (blocks) {
                    splits.forEach((name, ids) -> writeMolecules(writer, name, ids));
                    splits.forEach((name, ids) -> writeBlocks(writer, name, ids));
                } else {
                    writeRows(writer);
                }
                writer.insert(PcqmSchema.INSERT_STATISTIC, "homo_lumo_gap_mean", "5.25");
                writer.insert(PcqmSchema.INSERT_STATISTIC, "homo_lumo_gap_std", "1.5");
                for (String name : splits.keySet()) {
                    writer.insert(
                            PcqmSchema.INSERT_STATISTIC, "labelled_" + name, Integer.toString(ids(name, true).length));
                }
            }
            Schema.putInfo(database, info());
            Manifest.write(database, List.of(blocks ? PcqmSchema.BLOCKS : PcqmSchema.GRAPHS), splits);
            build.publish();
        }
        return file;
    }

    private Map<String, String> info() {
        Map<String, String> info = new HashMap<>();
        info.put("layout", blocks ? "blocks" : "rows");
        if (blocks) {
            info.put("graphs_per_block", Integer.toString(graphsPerBlock));
        }
        info.put("feature_spec", spec);
        info.put("targets", String.join(",", targets));
        info.put("adapter", adapter);
        info.put("splits", scattered ? "ratios 0.8,0.1,0.1" : "own");
        info.put("synthetic", "true");
        return info;
    }

    private Map<String, long[]> splits() {
        Map<String, long[]> splits = new LinkedHashMap<>();
        for (String name : !ownSplits
                ? List.of("train")
                : scattered ? List.of("train", "val", "test") : List.of("train", "val", "test-dev", "test-challenge")) {
            splits.put(name, ids(name, false));
        }
        return splits;
    }

    private int position(long idx) {
        int position = (int) (ownSplits ? idx - idx / 10 : idx);
        if (idx(position) != idx) {
            throw new IllegalArgumentException("No molecule has idx " + idx);
        }
        return position;
    }

    private void writeRows(BulkWriter writer) {
        RowDigest digest = new RowDigest(PcqmSchema.GRAPHS);
        for (int position = 0; position < count; position++) {
            long idx = idx(position);
            @Nullable Object[] values = values(position);
            writeMolecule(writer, split(position), position);
            writer.insert(
                    PcqmSchema.INSERT_GRAPH, idx, values[0], values[1], values[2], values[3], digest.of(idx, values));
        }
    }

    private void writeMolecules(BulkWriter writer, String split, long[] ids) {
        for (long idx : ids) {
            writeMolecule(writer, split, position(idx));
        }
    }

    private void writeMolecule(BulkWriter writer, String split, int position) {
        long idx = idx(position);
        Graph graph = graph(idx);
        writer.insert(
                PcqmSchema.INSERT_MOLECULE,
                idx,
                "C" + Long.toHexString(new SplittableRandom(idx).nextLong() | 1L << 63),
                graph.nodeCount(),
                graph.edgeCount() / 2,
                split,
                isLabelled(position) ? (double) gap(idx) : null);
    }

    private void writeBlocks(BulkWriter writer, String split, long[] ids) {
        RowBlock block = new RowBlock(PcqmSchema.GRAPHS);
        RowDigest digest = new RowDigest(PcqmSchema.BLOCKS);
        for (int at = 0; at < ids.length; at++) {
            block.add(ids[at], values(position(ids[at])));
            if (block.count() == graphsPerBlock || at == ids.length - 1) {
                int graphs = block.count();
                long first = ids[at + 1 - graphs];
                byte[] bytes = block.take();
                writer.insert(PcqmSchema.INSERT_BLOCK, first, split, graphs, bytes, digest.of(first, bytes));
            }
        }
    }

    private @Nullable Object[] values(int position) {
        long idx = idx(position);
        Graph graph = graph(idx);
        return new @Nullable Object[] {
            graph.nodeFeatures().toBytes(),
            graph.edgeIndex().toBytes(),
            hasEdgeAttr(idx) ? graph.edgeFeatures().toBytes() : null,
            isLabelled(position)
                    ? TensorCodec.ofFloats(targetsOf(idx), Compression.NONE, targets.size())
                            .toBytes()
                    : null
        };
    }

    /** The graph of a molecule: a random tree with a few rings closed; one in forty has no bonds. */
    Graph graph(long idx) {
        boolean codes = !spec.equals("bitspec-48-6");
        int nodeWidth = codes ? 9 : 48;
        int edgeWidth = codes ? 3 : 6;
        SplittableRandom random = new SplittableRandom(idx * 0xD1342543DE82EF95L + 12_345);
        int nodes = 8 + random.nextInt(4) + random.nextInt(4) + random.nextInt(7);
        int bonds = ownSplits && idx % 40 == 3 ? 0 : nodes - 1 + random.nextInt(4);
        int[] sources = new int[2 * bonds];
        int[] targets = new int[2 * bonds];
        byte[] bondCodes = new byte[2 * bonds * edgeWidth];
        for (int bond = 0; bond < bonds; bond++) {
            int from = bond < nodes - 1 ? Math.max(0, bond - random.nextInt(3)) : random.nextInt(nodes / 2);
            int to = bond < nodes - 1 ? bond + 1 : nodes / 2 + random.nextInt(nodes - nodes / 2);
            sources[2 * bond] = targets[2 * bond + 1] = from;
            targets[2 * bond] = sources[2 * bond + 1] = to;
            for (int column = 0; column < edgeWidth; column++) {
                byte code = (byte) random.nextInt(codes ? EDGE_CODES[column] : 2);
                bondCodes[2 * bond * edgeWidth + column] = code;
                bondCodes[(2 * bond + 1) * edgeWidth + column] = code;
            }
        }
        byte[] nodeCodes = new byte[nodes * nodeWidth];
        for (int i = 0; i < nodeCodes.length; i++) {
            nodeCodes[i] = (byte) random.nextInt(codes ? NODE_CODES[i % nodeWidth] : 2);
        }
        return Graph.of(nodes, nodeWidth, nodeCodes, sources, targets, edgeWidth, bondCodes);
    }

    /** Writes a large file to measure with: {@code FILE COUNT (rows | GRAPHS_PER_BLOCK)}. */
    public static void main(String[] args) {
        PcqmFile file = of(Integer.parseInt(args[1])).plain();
        (args[2].equals("rows") ? file : file.blocks(Integer.parseInt(args[2]))).write(Path.of(args[0]));
    }
}
