package dev.millrace.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import dev.millrace.batch.Split;
import dev.millrace.model.SpectrumMetric;
import dev.millrace.molecule.Fingerprint;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.spectra.SpectrumDataset;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a model has to beat: predictions that need no model. Immutable.
 *
 * @param meanSpectrum mean cosine of the mean training spectrum with each validation spectrum
 * @param nearestMolecule mean cosine of the spectrum of the training molecule that is most alike by fingerprint
 * @param samples validation spectra compared
 */
public record SpectrumBaselines(double meanSpectrum, double nearestMolecule, int samples) {
    /** Beyond this many training samples, comparing every pair would take longer than it is worth. */
    public static final int MOST_SAMPLES = 30_000;

    private static final String SMILES = "SELECT compound_id, smiles FROM mol_structures";
    private static final int BATCH = 256;

    private record Sample(Fingerprint fingerprint, float[] spectrum) {}

    /**
     * Computes both on the splits of a database. Memory: the spectra of both splits.
     *
     * @throws IOException if the database cannot be read
     */
    public static SpectrumBaselines of(Path database) throws IOException {
        Map<Long, String> smiles = smiles(database);
        List<Sample> training = samples(database, Split.TRAIN, smiles);
        List<Sample> validation = samples(database, Split.VALIDATION, smiles);
        float[] mean = mean(training);
        double meanSum = 0;
        double nearestSum = 0;
        for (Sample sample : validation) {
            meanSum += SpectrumMetric.cosine(mean, sample.spectrum);
            nearestSum += SpectrumMetric.cosine(nearest(training, sample).spectrum, sample.spectrum);
        }
        int count = validation.size();
        return new SpectrumBaselines(
                count == 0 ? Double.NaN : meanSum / count, count == 0 ? Double.NaN : nearestSum / count, count);
    }

    /** The most similar one; of equally similar ones the first. */
    private static Sample nearest(List<Sample> training, Sample sample) {
        Sample best = training.get(0);
        double most = -1;
        for (Sample candidate : training) {
            double similarity = candidate.fingerprint.similarity(sample.fingerprint);
            if (similarity > most) {
                most = similarity;
                best = candidate;
            }
        }
        return best;
    }

    private static float[] mean(List<Sample> samples) {
        float[] mean = new float[samples.get(0).spectrum.length];
        for (Sample sample : samples) {
            for (int bin = 0; bin < mean.length; bin++) {
                mean[bin] += sample.spectrum[bin] / samples.size();
            }
        }
        return mean;
    }

    private static Map<Long, String> smiles(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return database.read("Cannot read structures", connection -> {
                Map<Long, String> smiles = new HashMap<>();
                try (PreparedStatement select = connection.prepareStatement(SMILES);
                        ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        smiles.put(rows.getLong(1), rows.getString(2));
                    }
                }
                return smiles;
            });
        }
    }

    private static List<Sample> samples(Path file, Split split, Map<Long, String> smiles) throws IOException {
        List<Sample> samples = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager();
                SpectrumDataset dataset = SpectrumDataset.builder()
                        .setDatabase(file)
                        .optSplit(split)
                        .setSampling(BATCH, false)
                        .build()) {
            for (Batch batch : dataset.getData(manager)) {
                try (batch) {
                    NDArray spectra = batch.getLabels().head();
                    int bins = Math.toIntExact(spectra.getShape().get(1));
                    float[] values = spectra.toFloatArray();
                    for (int at = 0; at < values.length; at += bins) {
                        long id = dataset.id(samples.size());
                        samples.add(new Sample(
                                fingerprint(Objects.requireNonNull(smiles.get(id))),
                                java.util.Arrays.copyOfRange(values, at, at + bins)));
                    }
                }
            }
        } catch (TranslateException e) {
            throw new IOException("Cannot read the samples of " + file, e);
        }
        return samples;
    }

    private static Fingerprint fingerprint(String smiles) {
        try {
            return Fingerprint.ofSmiles(smiles);
        } catch (MoleculeFormatException e) {
            // CDK refuses a few structures that we read: such a molecule is like no other.
            return Fingerprint.EMPTY;
        }
    }
}
