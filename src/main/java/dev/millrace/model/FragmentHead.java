package dev.millrace.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;

/**
 * Peaks of the pieces that a molecule breaks into when one bond is cut, and of the whole molecule.
 *
 * <pre>
 *   input[0]  node vectors   [N, H]
 *   input[1]  graph vectors  [B, D]
 *   input[2]  edges          int64 [2, E]
 *   input[3]  graphOf        int64 [N]
 *   input[4]  node masses    [N, 1], nominal, in Da; below 0 where unknown
 *   output[0] intensities    [B, bins]
 * </pre>
 *
 * <p>The two nodes of a bond that holds the molecule together tell how much of either piece is seen; where it is seen
 * follows from its mass, ± a few hydrogens. A network alone would have to learn every mass as a number of its own, which a
 * few hundred spectra cannot teach. Pieces of unknown mass, and peaks outside the axis, are left out.
 *
 * <p>Masses and edges are read on the host, so that a GPU is waited for once per batch.
 */
final class FragmentHead extends AbstractBlock {
    private static final byte VERSION = 1;
    private static final int WIDTH = 128;
    /** Lets fragments start faint, so that the spectrum grows from those that help. */
    private static final float FAINT = 2;

    private final SpectrumModelConfig config;
    private final int shifts;
    private final Linear ends;
    private final Linear pieces;
    private final Linear whole;
    private final Block dropout;

    FragmentHead(SpectrumModelConfig config) {
        super(VERSION);
        this.config = config;
        shifts = 2 * config.hydrogenShifts() + 1;
        ends = addChildBlock("ends", Linear.builder().setUnits(WIDTH).build());
        pieces = addChildBlock("pieces", Linear.builder().setUnits(shifts).build());
        whole = addChildBlock("whole", Linear.builder().setUnits(shifts).build());
        dropout = addChildBlock(
                "dropout",
                Dropout.builder().optRate((float) config.headDropout()).build());
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDArray nodes = inputs.get(0);
        NDArray graphs = inputs.get(1);
        NDManager manager = nodes.getManager();
        Device device = nodes.getDevice();
        Pieces found = new Pieces(inputs, config.axis(), config.hydrogenShifts());
        NDArray kept = ScatterAdd.takeRows(nodes, Constants.longs(manager, device, found.kept));
        NDArray lost = ScatterAdd.takeRows(nodes, Constants.longs(manager, device, found.lost));
        NDArray hidden = ends.forward(parameterStore, new NDList(NDArrays.concat(new NDList(kept, lost), 1)), training)
                .singletonOrThrow();
        hidden = GraphEncoder.activate(config.encoder().activation(), hidden);
        if (config.headDropout() > 0) {
            hidden = dropout.forward(parameterStore, new NDList(hidden), training)
                    .singletonOrThrow();
        }
        NDArray ofPieces =
                pieces.forward(parameterStore, new NDList(hidden), training).singletonOrThrow();
        NDArray ofWhole =
                whole.forward(parameterStore, new NDList(graphs), training).singletonOrThrow();
        NDArray peaks = Activation.softPlus(
                NDArrays.concat(new NDList(ofPieces, ofWhole), 0).sub(FAINT));
        long batch = graphs.getShape().get(0);
        long bins = config.axis().bins();
        // One row more than there are bins takes what falls outside.
        NDArray like = manager.create(new Shape(batch * bins + 1), DataType.UINT8, device);
        NDArray sums = ScatterAdd.sumRows(peaks.reshape(-1, 1), Constants.longs(manager, device, found.places), like);
        return new NDList(sums.get("0:" + batch * bins).reshape(batch, bins));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[1].get(0), config.axis().bins())};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
        ends.initialize(manager, dataType, new Shape(1, 2 * inputShapes[0].get(1)));
        pieces.initialize(manager, dataType, new Shape(1, WIDTH));
        whole.initialize(manager, dataType, inputShapes[1]);
        dropout.initialize(manager, dataType, new Shape(1, WIDTH));
    }

    /** Which nodes each piece keeps and loses at its cut, and the place in the output of each of its peaks. */
    private static final class Pieces {
        final long[] kept;
        final long[] lost;
        final long[] places;

        Pieces(NDList inputs, SpectrumAxis axis, int hydrogens) {
            int graphs = Math.toIntExact(inputs.get(1).getShape().get(0));
            long[] edges = inputs.get(2).toLongArray();
            long[] graphOf = inputs.get(3).toLongArray();
            double[] nodeMasses = doubles(inputs.get(4));
            int edgeCount = edges.length / 2;
            BondCuts cuts = BondCuts.of(edges, edgeCount, nodeMasses);
            int[] rows = cuts.rows();
            int width = 2 * hydrogens + 1;
            kept = new long[rows.length];
            lost = new long[rows.length];
            places = new long[(rows.length + graphs) * width];
            long outside = (long) graphs * axis.bins();
            int at = 0;
            for (int piece = 0; piece < rows.length; piece++) {
                kept[piece] = edges[rows[piece]];
                lost[piece] = edges[edgeCount + rows[piece]];
                long graph = graphOf[(int) kept[piece]];
                at = put(at, graph, cuts.masses()[piece], axis, hydrogens, outside);
            }
            double[] totals = new double[graphs];
            for (int node = 0; node < nodeMasses.length; node++) {
                totals[(int) graphOf[node]] += nodeMasses[node];
            }
            for (int graph = 0; graph < graphs; graph++) {
                at = put(at, graph, totals[graph], axis, hydrogens, outside);
            }
        }

        private int put(int at, long graph, double mass, SpectrumAxis axis, int hydrogens, long outside) {
            int next = at;
            for (int shift = -hydrogens; shift <= hydrogens; shift++) {
                int bin = mass < 0 ? -1 : axis.bin(mass + shift);
                places[next++] = bin < 0 ? outside : graph * axis.bins() + bin;
            }
            return next;
        }

        private static double[] doubles(NDArray column) {
            try (NDArray wide = column.toType(DataType.FLOAT64, true)) {
                return wide.toDoubleArray();
            }
        }
    }
}
