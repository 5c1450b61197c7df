package dev.millrace.spectra;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.Split;
import dev.millrace.molecule.Fingerprint;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeReader;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a trained model has to beat, both from the training split alone: predicting the mean training spectrum for every
 * compound, and predicting the spectrum of the nearest training molecule (Tanimoto similarity of circular fingerprints; of
 * equally near ones the first).
 *
 * <p>Immutable.
 *
 * @param evaluated compounds of the evaluated split that were looked at
 * @param meanSpectrumCosine mean cosine similarity of the first prediction
 * @param nearestMoleculeCosine mean cosine similarity of the second prediction
 * @param nearestSimilarity mean Tanimoto similarity of the nearest molecule: how near the splits are
 */
public record SpectrumBaselines(
        int evaluated, double meanSpectrumCosine, double nearestMoleculeCosine, double nearestSimilarity) {
    private static final int BATCH = 512;

    /* Plan: SCAN of the id list, then one SEARCH by INTEGER PRIMARY KEY per id. */
    static final String SELECT_SMILES = """
            SELECT m.smiles
            FROM json_each(?) AS ids
            CROSS JOIN mol_structures AS m ON m.compound_id = ids.value
            ORDER BY ids.key""";

    /**
     * Computes both baselines.
     *
     * @param split the split to predict, {@link Split#VALIDATION} or {@link Split#TEST}
     * @param most evaluates at most this many compounds, evenly spread over the split; the nearest molecule of each is
     *     looked for among all of the training split: about 2 µs per 100 molecules
     */
    public static SpectrumBaselines of(Path database, Split split, int most) {
        try (SpectrumSource train = open(database, Split.TRAIN);
                SpectrumSource evaluated = open(database, split);
                Database structures = Database.open(database, Access.READ)) {
            long[] ids = spread(evaluated.ids(), most);
            return new Evaluation(train, structures).run(evaluated, ids);
        }
    }

    /**
     * Cosine similarity of two vectors, 0 … 1 for spectra; 0 when one of them is all 0.
     *
     * @throws IllegalArgumentException if the lengths differ
     */
    public static double cosine(float[] one, float[] other) {
        if (one.length != other.length) {
            throw new IllegalArgumentException(
                    "Expected vectors of one length, found " + one.length + " and " + other.length + ".");
        }
        double product = 0;
        double squaresOne = 0;
        double squaresOther = 0;
        for (int i = 0; i < one.length; i++) {
            product += (double) one[i] * other[i];
            squaresOne += (double) one[i] * one[i];
            squaresOther += (double) other[i] * other[i];
        }
        return squaresOne == 0 || squaresOther == 0 ? 0 : product / Math.sqrt(squaresOne * squaresOther);
    }

    private static SpectrumSource open(Path database, Split split) {
        return SpectrumDatabaseSource.open(database, split, Access.READ, 1, null, null);
    }

    private static long[] spread(long[] ids, int most) {
        if (ids.length <= most) {
            return ids;
        }
        long[] some = new long[most];
        for (int i = 0; i < most; i++) {
            some[i] = ids[(int) ((long) i * ids.length / most)];
        }
        return some;
    }

    /** One comparison of a split with the training split. */
    private static final class Evaluation {
        private final SpectrumSource train;
        private final Database structures;
        private final long[] trainIds;
        private final List<@Nullable Fingerprint> trainPrints;
        private final float[] mean;

        Evaluation(SpectrumSource train, Database structures) {
            this.train = train;
            this.structures = structures;
            this.trainIds = train.ids();
            this.trainPrints = prints(trainIds);
            this.mean = mean(train);
        }

        SpectrumBaselines run(SpectrumSource evaluated, long[] ids) {
            List<@Nullable Fingerprint> prints = prints(ids);
            double meanCosine = 0;
            double nearestCosine = 0;
            double similarity = 0;
            try (RowReader<SpectrumRow> rows = evaluated.openReader();
                    RowReader<SpectrumRow> trainRows = train.openReader()) {
                for (int i = 0; i < ids.length; i++) {
                    float[] actual =
                            rows.read(new long[] {ids[i]}).get(0).spectrum().toFloats();
                    meanCosine += cosine(mean, actual);
                    Fingerprint print = prints.get(i);
                    int nearest = print == null ? -1 : nearest(print);
                    if (nearest < 0) {
                        // Without a neighbour the mean is the best guess.
                        nearestCosine += cosine(mean, actual);
                        continue;
                    }
                    nearestCosine += cosine(
                            trainRows
                                    .read(new long[] {trainIds[nearest]})
                                    .get(0)
                                    .spectrum()
                                    .toFloats(),
                            actual);
                    similarity += similarity(print, nearest);
                }
            }
            int count = Math.max(ids.length, 1);
            return new SpectrumBaselines(ids.length, meanCosine / count, nearestCosine / count, similarity / count);
        }

        private int nearest(Fingerprint print) {
            int nearest = -1;
            double best = -1;
            for (int i = 0; i < trainPrints.size(); i++) {
                double similarity = similarity(print, i);
                if (similarity > best) {
                    best = similarity;
                    nearest = i;
                }
            }
            return nearest;
        }

        /** −1 when the training molecule has no fingerprint. */
        private double similarity(@Nullable Fingerprint print, int position) {
            Fingerprint other = trainPrints.get(position);
            return print == null || other == null ? -1 : print.similarity(other);
        }

        private List<@Nullable Fingerprint> prints(long[] ids) {
            List<@Nullable Fingerprint> prints = new ArrayList<>(ids.length);
            for (int from = 0; from < ids.length; from += BATCH) {
                long[] some = Arrays.copyOfRange(ids, from, Math.min(from + BATCH, ids.length));
                for (String smiles : smiles(some)) {
                    prints.add(print(smiles));
                }
            }
            return prints;
        }

        private static @Nullable Fingerprint print(String smiles) {
            try {
                return Fingerprint.of(MoleculeReader.smiles(smiles));
            } catch (MoleculeFormatException e) {
                // Such a molecule is nobody's neighbour.
                return null;
            }
        }

        private List<String> smiles(long[] ids) {
            return structures.read("Cannot read mol_structures", connection -> {
                List<String> found = new ArrayList<>(ids.length);
                try (PreparedStatement select = connection.prepareStatement(SELECT_SMILES)) {
                    select.setString(1, Arrays.toString(ids));
                    try (ResultSet rows = select.executeQuery()) {
                        while (rows.next()) {
                            found.add(rows.getString(1));
                        }
                    }
                }
                if (found.size() != ids.length) {
                    throw new CorruptDatabaseException(
                            "Cannot compare molecules: expected " + ids.length + " structures, found " + found.size()
                                    + " ("
                                    + structures.file() + ", mol_structures). Run 'millrace verify " + structures.file()
                                    + "'.",
                            structures.file(),
                            null);
                }
                return found;
            });
        }

        private static float[] mean(SpectrumSource source) {
            double[] sum = new double[source.options().bins()];
            long[] ids = source.ids();
            try (RowReader<SpectrumRow> rows = source.openReader()) {
                for (int from = 0; from < ids.length; from += BATCH) {
                    for (SpectrumRow row :
                            rows.read(Arrays.copyOfRange(ids, from, Math.min(from + BATCH, ids.length)))) {
                        float[] vector = row.spectrum().toFloats();
                        for (int bin = 0; bin < sum.length; bin++) {
                            sum[bin] += vector[bin];
                        }
                    }
                }
            }
            float[] mean = new float[sum.length];
            for (int bin = 0; bin < sum.length; bin++) {
                mean[bin] = (float) (sum[bin] / Math.max(ids.length, 1));
            }
            return mean;
        }
    }
}
