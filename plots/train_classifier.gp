# Accuracy of the classifier on the images that it is trained on, and on the test part.
load 'plots/style.gp'
data = folder.'/train_classifier.tsv'
do for [kind in FORMATS] {
    eval figure(kind, 'train_classifier', 620, 360)
    set title 'A classifier of clothes, by epoch'
    set xlabel 'epoch' offset 0,0.4
    set ylabel 'images right (%)' offset 1
    set xtics 1
    set key bottom right
    plot data using 'epoch':(100*column('train_accuracy')) with linespoints ls 2 pt 7 ps 0.6 title 'training images, while learning', \
         data using 'epoch':(100*column('test_accuracy')) with linespoints ls 1 pt 7 ps 0.6 title 'test images'
    unset output
}
