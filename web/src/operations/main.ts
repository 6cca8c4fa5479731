import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import OperationsPage from './OperationsPage.vue'

keepDisplay()
startPage(OperationsPage, 'desk', 'operations.title')
