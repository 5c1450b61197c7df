package dev.millrace.cli;

import dev.millrace.exafs.ChiCalculator;
import dev.millrace.exafs.FeffFile;
import dev.millrace.exafs.FeffPath;
import dev.millrace.exafs.PathAtom;
import dev.millrace.exafs.PathGeometry;
import dev.millrace.exafs.PathType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace exafs show}: what a path file says. */
@Command(
        name = "show",
        description = {
            "Show what feffNNNN.dat files say: header, atoms, lengths of legs and scattering angles.",
            "A file that cannot be used is named with its line; then the exit code is 3."
        })
final class ExafsShowCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(arity = "1..*", paramLabel = "feffNNNN.dat", description = "FEFF's path files.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--json", description = "Print JSON: an array with an object for each file that can be used.")
    private boolean json;

    @Override
    public Integer call() {
        for (Path file : files) {
            Inputs.file(file);
        }
        int refused = 0;
        List<Map<String, Object>> shown = new ArrayList<>();
        for (Path file : files) {
            try {
                FeffPath path = FeffFile.read(file);
                if (json) {
                    shown.add(fields(file, path));
                } else {
                    print(file, path);
                }
            } catch (IOException e) {
                refused++;
                console.error(String.valueOf(e.getMessage()));
            }
        }
        if (json) {
            console.printJson(shown);
        }
        return refused == 0 ? ExitCode.DONE.code() : ExitCode.REJECTED.code();
    }

    /** Names as larch has them. */
    private static Map<String, Object> fields(Path file, FeffPath path) {
        PathGeometry geometry = PathGeometry.of(path);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", file.toString());
        fields.put("title", path.title());
        fields.put("version", path.version());
        fields.put("shell", path.shell());
        fields.put("absorber", path.absorber().label());
        fields.put("path_type", path.pathType());
        fields.put("element_type", PathType.of(path).elementName());
        fields.put("nleg", path.legCount());
        fields.put("degen", path.degeneracy());
        fields.put("reff", path.halfLength());
        fields.put("reff_of_legs", geometry.halfLength());
        fields.put("rnorman", path.normanRadius());
        fields.put("edge", path.edge());
        fields.put("gam_ch", path.coreHoleWidth());
        fields.put("exch", path.exchange());
        fields.put("vmu", path.chemicalPotential());
        fields.put("kf", path.fermiMomentum());
        fields.put("vfermi", fermiEnergy(path));
        fields.put("vint", path.interstitialPotential());
        fields.put("rs_int", path.interstitialRadius());
        fields.put("rmass", PathGeometry.reducedMass(path));
        fields.put(
                "potentials",
                path.potentials().stream()
                        .map(one -> List.of(one.index(), one.atomicNumber(), one.muffinTinRadius(), one.normanRadius()))
                        .toList());
        fields.put(
                "geom",
                path.atoms().stream()
                        .map(atom -> List.<Object>of(
                                atom.label(), atom.atomicNumber(), atom.potential(), atom.x(), atom.y(), atom.z()))
                        .toList());
        fields.put("leg_lengths", geometry.legLengths());
        fields.put("scattering_angles", geometry.scatteringAngles());
        fields.put("n_k", path.arrays().size());
        fields.put("kmax", lastK(path));
        return fields;
    }

    private void print(Path file, FeffPath path) {
        PathGeometry geometry = PathGeometry.of(path);
        console.print(file + ": " + path.pathType() + ", " + path.legCount() + " legs, degeneracy " + path.degeneracy()
                + ", half length " + path.halfLength() + " Å"
                + (PathGeometry.agrees(path)
                        ? ""
                        : String.format(Locale.ROOT, " (but %.4f Å by its atoms)", geometry.halfLength())));
        console.print("  " + path.title() + (path.version().isEmpty() ? "" : " (" + path.version() + ")"));
        console.print(String.format(
                Locale.ROOT,
                "  %s edge of %s at %s eV, core hole %s eV, %s; Mu %s eV, kf %s Å⁻¹ (%.3f eV), Vint %s eV, Rs_int %s bohr",
                path.shell(),
                path.absorber().label(),
                path.edge(),
                path.coreHoleWidth(),
                path.exchange(),
                path.chemicalPotential(),
                path.fermiMomentum(),
                fermiEnergy(path),
                path.interstitialPotential(),
                path.interstitialRadius()));
        console.print(String.format(
                Locale.ROOT,
                "  %d rows, k %s … %s Å⁻¹; reduced mass %.3f u",
                path.arrays().size(),
                path.arrays().k()[0],
                lastK(path),
                PathGeometry.reducedMass(path)));
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < path.legCount(); i++) {
            PathAtom atom = path.atoms().get(i);
            rows.add(List.of(
                    "  " + atom.label(),
                    String.valueOf(atom.atomicNumber()),
                    String.valueOf(atom.potential()),
                    String.format(Locale.ROOT, "%.4f", atom.x()),
                    String.format(Locale.ROOT, "%.4f", atom.y()),
                    String.format(Locale.ROOT, "%.4f", atom.z()),
                    String.format(Locale.ROOT, "%.4f", geometry.legLengths()[i]),
                    String.format(Locale.ROOT, "%.1f", geometry.scatteringAngles()[i])));
        }
        console.printTable(List.of("  atom", "Z", "ipot", "x (Å)", "y", "z", "next leg", "angle (°)"), rows);
    }

    private static double fermiEnergy(FeffPath path) {
        return path.fermiMomentum() * path.fermiMomentum() * ChiCalculator.ENERGY_OF_K_SQUARED;
    }

    private static double lastK(FeffPath path) {
        double[] k = path.arrays().k();
        return k[k.length - 1];
    }
}
